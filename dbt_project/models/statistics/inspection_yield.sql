{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.inspection_yield', 'analysis': 'statistics.inspection_yield'
}}) }}

with inspection as (
    select
        last_day(inspected_on) as period,
        {{ place_on('region', 'inspection.kato', 'inspection.inspected_on') }} as region,
        {{ known_code('object_type') }} as object_type,
        {{ known_code('plan') }} as plan,
        violations,
        follow_up_on
    from {{ ref('stg_inspections') }} as inspection
),

counted as (
    select
        period,
        if(grouping(region) = 1, 'plan', 'region_object_plan') as cube,
        coalesce(region, '_T') as region,
        coalesce(object_type, '_T') as object_type,
        plan,
        cast(count(*) as double) as inspections,
        cast(count(violations) as double) as inspections_with_result,
        cast(count(*) filter (where violations > 0) as double) as inspections_with_violations,
        cast(sum(violations) as double) as violations,
        cast(count(follow_up_on) as double) as follow_ups_set
    from inspection
    group by grouping sets ((period, region, object_type, plan), (period, plan))
),

figure as (
    unpivot (
        select
            *,
            inspections_with_violations as hits,
            inspections_with_violations / nullif(inspections_with_result, 0) as inspection_yield
        from counted
    )
    on inspections, inspections_with_violations, violations, follow_ups_set, inspection_yield
    into name indicator value value
)

select
    period,
    cube,
    region,
    object_type,
    plan,
    indicator,
    value,
    if(indicator = 'inspection_yield', {{ wilson('hits', 'inspections_with_result', '-') }}, null) as lower,
    if(indicator = 'inspection_yield', {{ wilson('hits', 'inspections_with_result', '+') }}, null) as upper,
    if(indicator = 'inspection_yield', 'E', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq
from figure
