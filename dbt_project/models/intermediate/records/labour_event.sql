{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'labour_permits'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    coalesce(permit_id, record_id) as permit_id,
    scheme,
    category,
    action,
    coalesce(decided_on, filed_on, business_date) as decided_on,
    valid_from,
    valid_until,
    kato,
    employer_bin,
    occupation_isco
from ({{ changed_records('labour_permits') }}) as record
where not is_citizen_stripped
