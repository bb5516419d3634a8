{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'residence_permits'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    coalesce(permit_id, record_id) as permit_id,
    permit_type,
    action,
    coalesce(decided_on, filed_on, business_date) as decided_on,
    valid_from,
    valid_until,
    kato,
    filed_on,
    entries_allowed,
    days_per_entry,
    citizenship
from ({{ changed_records('residence_permits') }}) as record
where not is_citizen_stripped
