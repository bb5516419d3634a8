{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.region_compliance', 'analysis': 'statistics.region_compliance'
}}) }}

with month_end as (
    {{ month_ends() }}
),

notice as (
    select
        last_day(reported_on) as period,
        left(kato, 2) as region_digits,
        count(*) as notifications,
        count(stay_from) as dated,
        count(*) filter (where {{ weekdays('stay_from', 'reported_on') }} > 3) as late
    from {{ ref('notification_event') }}
    where action = 'arrived'
    group by all
),

violation as (
    select
        last_day(occurred_on) as period,
        region_digits,
        count(*) as violations
    from {{ ref('enforcement_step') }}
    where not is_dropped
    group by all
),

duty as (
    select
        period,
        {{ place_code('region', 'told.region_digits', 2) }} as region,
        sum(notifications) as notifications,
        sum(dated) as dated,
        sum(late) as late,
        sum(violations) as violations
    from (
        select * from notice
        union all by name
        select * from violation
    ) as told
    group by all
),

registered as (
    select
        month_end.period,
        place.region,
        count(distinct place.person_id) as registered_foreigners
    from {{ ref('released_placement_history') }} as place
    inner join month_end
        on place.valid_from <= month_end.period and coalesce(place.valid_to > month_end.period, true)
    where place.known_to_seq is null and place.basis_feed = 'stay_notifications' and place.confidence >= 0.9
    group by all
),

change as (
    select
        last_day(valid_day) as month,
        region,
        sum(change) as change
    from {{ ref('released_stock_delta') }}
    where indicator = 'present_confirmed'
    group by all
),

present as (
    select
        month_end.period,
        change.region,
        sum(change.change) as foreigners_present
    from change
    inner join month_end on change.month <= month_end.period
    group by all
    having sum(change.change) <> 0
),

measured as (
    select
        coalesce(duty.period, registered.period, present.period) as period,
        coalesce(duty.region, registered.region, present.region) as region,
        cast(coalesce(duty.notifications, 0) as double) as notifications,
        cast(duty.late as double) as notifications_late,
        cast(duty.notifications - duty.dated as double) as notifications_undated,
        duty.late / nullif(duty.dated, 0) as notifications_late_share,
        cast(coalesce(duty.violations, 0) as double) as violations,
        cast(registered.registered_foreigners as double) as registered_foreigners,
        cast(present.foreigners_present as double) as foreigners_present,
        1000 * coalesce(duty.violations, 0) / nullif(present.foreigners_present, 0) as violations_per_1000_present
    from duty
    full join registered on duty.period = registered.period and duty.region = registered.region
    full join present
        on
            coalesce(duty.period, registered.period) = present.period
            and coalesce(duty.region, registered.region) = present.region
),

figure as (
    unpivot measured
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
    'P' as obs_status,
    {{ known_now() }} as known_seq
from figure
