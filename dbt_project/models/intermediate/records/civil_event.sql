{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'civil_events'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    event,
    event_on,
    kato,
    citizenship
from ({{ changed_records('civil_events') }}) as record
where not is_citizen_stripped
