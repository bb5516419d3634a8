{{ config(
    materialized='incremental', incremental_strategy='changed_records',
    meta={'scope': 'record', 'feed': 'residence_moves'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    direction,
    moved_on,
    from_kato,
    to_kato
from ({{ changed_records('residence_moves') }}) as record
where not is_citizen_stripped
