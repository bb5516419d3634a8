{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'citizenship_acts'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    action,
    effective_on,
    from_citizenship,
    to_citizenship
from ({{ changed_records('citizenship_acts') }}) as record
where not is_citizen_stripped
