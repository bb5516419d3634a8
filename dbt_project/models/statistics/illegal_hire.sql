{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.illegal_hire', 'analysis': 'statistics.illegal_hire'
}}) }}

with hire as (
    select
        last_day(occurred_on) as period,
        {{ place_on('region', 'step.region_digits', 'step.occurred_on') }} as region,
        employer_bin,
        ordered_on,
        executed_on,
        occurred_on
    from {{ ref('enforcement_step') }} as step
    where employer_bin is not null and not is_dropped
),

visit as (
    select
        object_id as employer_bin,
        list(inspected_on) as visited_on,
        list(inspected_on) filter (where violations > 0) as found_on
    from {{ ref('stg_inspections') }}
    where object_type = 'employer' and object_id is not null
    group by object_id
),

counted as (
    select
        hire.period,
        hire.region,
        cast(count(*) as double) as hires_in_breach,
        cast(count(hire.ordered_on) as double) as hires_ordered_out,
        cast(count(hire.executed_on) as double) as hires_left,
        cast(count(distinct hire.employer_bin) as double) as employers_of_hires,
        cast(count(distinct hire.employer_bin) filter (
            where len(list_filter(visit.visited_on, lambda day: day >= hire.occurred_on)) > 0
        ) as double) as employers_inspected,
        cast(count(distinct hire.employer_bin) filter (
            where len(list_filter(visit.found_on, lambda day: day >= hire.occurred_on)) > 0
        ) as double) as employers_found_in_breach
    from hire
    left join visit on hire.employer_bin = visit.employer_bin
    group by hire.period, hire.region
),

figure as (
    unpivot counted
    on columns(* exclude (period, region))
    into name indicator value value
)

select
    period,
    region,
    indicator,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
