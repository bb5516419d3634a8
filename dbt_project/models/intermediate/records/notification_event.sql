{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'stay_notifications'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    action,
    reported_at,
    happened_on as reported_on,
    stay_from,
    stay_until,
    kato,
    host_type,
    purpose,
    citizenship
from ({{ changed_records('stay_notifications') }}) as record
where not is_citizen_stripped
