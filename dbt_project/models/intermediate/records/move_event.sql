{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'residence_moves'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    direction,
    moved_on,
    from_country,
    from_kato,
    from_settlement,
    to_country,
    to_kato,
    to_settlement,
    cause,
    education_isced,
    occupation_isco,
    sector_nace,
    intended_months
from ({{ changed_records('residence_moves') }}) as record
where not is_citizen_stripped
