{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.region_compliance', 'analysis': 'statistics.region_compliance'
}}) }}

with month_end as (
    {{ month_ends() }}
),

term as (
    select
        amount as working_days,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('legal_term') }}
    where term = 'host_notification'
),

notice as (
    select
        last_day(notice.reported_on) as period,
        left(notice.kato, 2) as region_digits,
        count(*) as notifications,
        count(term.working_days) as dated,
        count(*) filter (where past.working_days - coalesce(came.working_days, 0) >= term.working_days) as late
    from {{ ref('notification_event') }} as notice
    left join {{ ref('working_calendar') }} as came on notice.stay_from = came.day
    left join {{ ref('working_calendar') }} as past on notice.reported_on - 1 = past.day
    left join term on notice.stay_from >= term.valid_from and notice.stay_from < term.valid_to
    where notice.action = 'arrived'
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
        {{ place_on('region', 'told.region_digits', 'told.period') }} as region,
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

-- A month in which a feed told nothing has no zeros: that nothing was told is not that nothing was.
told as (
    select distinct
        feed,
        last_day(business_date) as period
    from {{ reporting_deliveries() }} as delivery
    where feed in ('stay_notifications', 'enforcement_cases')
),

-- What a later load took back leaves no row: a region that nobody is told of has no zeros either.
change as (
    select
        last_day(valid_day) as month,
        region,
        sum(change) filter (where indicator = 'registered') as registered,
        sum(change) filter (where indicator = 'present_confirmed') as present
    from (
        select
            valid_day,
            region,
            indicator,
            sum(change) as change
        from {{ ref('released_stock_delta') }}
        group by valid_day, region, indicator
        union all
        select
            valid_day,
            region,
            'registered' as indicator,
            sum(change) as change
        from {{ ref('registered_delta') }}
        group by valid_day, region
    ) as signed
    where change <> 0
    group by all
),

stock as (
    select
        month_end.period,
        change.region,
        sum(change.registered) as registered_foreigners,
        sum(change.present) as foreigners_present
    from change
    inner join month_end on change.month <= month_end.period
    group by all
),

measured as (
    select
        coalesce(duty.period, stock.period) as period,
        coalesce(duty.region, stock.region) as region,
        cast(coalesce(duty.notifications, if(noticed.period is null, null, 0)) as double) as notifications,
        cast(duty.late as double) as notifications_late,
        cast(duty.notifications - duty.dated as double) as notifications_undated,
        duty.late / nullif(duty.dated, 0) as notifications_late_share,
        cast(coalesce(duty.violations, if(found.period is null, null, 0)) as double) as violations,
        cast(stock.registered_foreigners as double) as registered_foreigners,
        cast(stock.foreigners_present as double) as foreigners_present,
        1000 * coalesce(duty.violations, if(found.period is null, null, 0))
        / nullif(stock.foreigners_present, 0) as violations_per_1000_present
    from duty
    full join stock on duty.period = stock.period and duty.region = stock.region
    left join told as noticed
        on coalesce(duty.period, stock.period) = noticed.period and noticed.feed = 'stay_notifications'
    left join told as found
        on coalesce(duty.period, stock.period) = found.period and found.feed = 'enforcement_cases'
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
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
