{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.undetermined_cases', 'analysis': 'statistics.undetermined_cases'
}}) }}

with decision as (
    select
        record_id,
        permit_id,
        action,
        if(action = 'applied', coalesce(filed_on, decided_on), decided_on) as decided_on,
        {{ place_on('region', 'permit.kato', 'coalesce(permit.decided_on, permit.filed_on)') }} as region
    from {{ ref('permit_event') }} as permit
    where permit_type = 'status_determination'
),

waiting as (
    select
        status.person_id,
        decision.region,
        status.valid_from,
        status.valid_to,
        min(status.valid_from) over (partition by status.person_id, decision.permit_id) as since
    from {{ ref('legal_status') }} as status
    inner join decision on status.basis_record_id = decision.record_id
    where status.status = 'undetermined_status' and status.basis_feed = 'residence_permits'
),

counted as (
    select
        month_end.period,
        waiting.region,
        case
            when month_end.period - waiting.since < 30 then '000-029'
            when month_end.period - waiting.since < 90 then '030-089'
            when month_end.period - waiting.since < 180 then '090-179'
            when month_end.period - waiting.since < 365 then '180-364'
            else '365+'
        end as duration_band,
        'undetermined_cases' as indicator,
        count(distinct waiting.person_id) as cases
    from ({{ month_ends() }}) as month_end
    inner join waiting
        on waiting.valid_from <= month_end.period and coalesce(waiting.valid_to > month_end.period, true)
    group by all
    union all
    select
        last_day(decided_on) as period,
        region,
        '_T' as duration_band,
        'determinations_' || action as indicator,
        count(*) as cases
    from decision
    where action in ('applied', 'extended', 'granted', 'refused', 'revoked')
    group by all
)

select
    period,
    region,
    duration_band,
    indicator,
    if(cases < 10, null, cast(cases as double)) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    if(cases < 10, 'Q', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq
from counted
