{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'employment_records'}
) }}

with month_worked as (
    select
        record_id,
        {{ observation_id() }} as observation_id,
        cast(month || '-01' as date) as month_on,
        contract_from,
        contract_until,
        coalesce(hours > 0, pension_paid or wage_kzt > 0, false) as is_worked,
        kato,
        citizenship,
        employer_bin,
        occupation_isco
    from ({{ changed_records('employment_records') }}) as record
    where not is_citizen_stripped
)

select
    record_id,
    observation_id,
    greatest(month_on, contract_from) as worked_from,
    least(last_day(month_on), contract_until) as worked_until,
    is_worked,
    kato,
    citizenship,
    employer_bin,
    contract_from,
    contract_until,
    occupation_isco
from month_worked
