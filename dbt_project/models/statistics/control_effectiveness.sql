{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.control_effectiveness', 'analysis': 'statistics.control_effectiveness'
}}) }}

with step as (
    select
        *,
        last_day(occurred_on) as period,
        if(detected_on >= occurred_on, detected_on - occurred_on, null) as days_to_detection,
        if(decided_on >= detected_on, decided_on - detected_on, null) as days_to_decision,
        executed_on - ordered_on as days_to_execution
    from {{ ref('enforcement_step') }}
),

standing as (
    select
        period,
        cast(count(*) as double) as cases,
        cast(count(detected_on) as double) / count(*) as share_detected,
        cast(count(decided_on) as double) / count(*) as share_decided,
        cast(count(days_to_execution) as double) / nullif(count(ordered_on), 0) as share_executed,
        median(days_to_detection) as median_days_to_detection,
        median(days_to_decision) as median_days_to_decision,
        median(days_to_execution) as median_days_to_execution,
        cast(count(*) filter (where has_warning) as double) as warnings,
        cast(count(*) filter (where has_fine) as double) as fines,
        cast(count(*) filter (where has_arrest) as double) as arrests,
        cast(count(ordered_on) as double) as expulsions_ordered,
        cast(count(days_to_execution) as double) as expulsions_executed,
        cast(count(ordered_on) - count(days_to_execution) as double) as expulsions_open
    from step
    where not is_dropped
    group by period
),

dropped as (
    select
        period,
        'cases_dropped' as indicator,
        cast(count(*) as double) as value
    from step
    where is_dropped
    group by period
),

figure as (
    unpivot standing
    on columns(* exclude (period))
    into name indicator value value
)

select
    period,
    indicator,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from (
    select * from figure
    union all
    select * from dropped
) as counted
