{{ config(meta={'publish': {'aggregates': 'quality.revision', 'analysis': 'quality.revision'}}) }}
-- A change counts from the day on which it holds and is known at that age, so that each age is one running sum.

with load as (
    select
        load_seq,
        cast(known_at as date) as known_on,
        (
            select max(delivery.business_date) from {{ reporting_deliveries() }} as delivery
            where delivery.load_seq <= load.load_seq
        ) as last_day
    from {{ source('meta', 'load') }} as load
),

known as (
    select
        known_on,
        max(load_seq) as known_seq,
        max(last_day) as last_day
    from load
    group by known_on
),

covered as (
    select period from ({{ covered_days() }}) as day
    where period > (select max(load.last_day) from load) - 730
),

age as (
    select unnest([1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180, 365, 510]) as age_days
),

point as (
    select
        covered.period,
        age.age_days,
        cast(covered.period + age.age_days as date) as asked_on
    from covered
    cross join age
),

figure as (
    select
        point.period,
        point.age_days,
        known.known_seq
    from point
    asof join known on point.asked_on >= known.known_on
    where known.last_day >= point.period and point.asked_on <= (select max(latest.known_on) from known as latest)
),

stock_change as (
    select
        delta.indicator,
        age.age_days,
        greatest(
            delta.valid_day, load.known_on - age.age_days, (select min(covered.period) from covered)
        ) as period,
        sum(delta.change) as change
    from {{ ref('released_stock_delta') }} as delta
    inner join load on delta.known_seq = load.load_seq
    cross join age
    where delta.indicator in ('present_confirmed', 'presence_unknown')
    group by all
),

stock as (
    select
        kind.indicator,
        point.period,
        point.age_days,
        sum(coalesce(stock_change.change, 0)) over (
            partition by kind.indicator, point.age_days order by point.period
        ) as value
    from point
    cross join (values ('present_confirmed'), ('presence_unknown')) as kind (indicator)
    left join stock_change
        on
            kind.indicator = stock_change.indicator and point.period = stock_change.period
            and point.age_days = stock_change.age_days
),

flow as (
    select
        delta.indicator,
        delta.direction,
        delta.valid_day as period,
        age.age_days,
        sum(delta.change) as value
    from {{ ref('released_flow_delta') }} as delta
    inner join load on delta.known_seq = load.load_seq
    cross join age
    where load.known_on <= delta.valid_day + age.age_days
    group by all
),

told as (
    select
        'statistics.stock_daily' as table_name,
        indicator,
        '_T' as direction,
        period,
        age_days,
        value
    from stock
    union all
    select
        'statistics.flow_daily' as table_name,
        indicator,
        direction,
        period,
        age_days,
        value
    from flow
)

select
    told.table_name,
    figure.period,
    told.indicator,
    told.direction,
    cast(figure.age_days as integer) as age_days,
    cast(told.value as double) as value,
    cast(
        told.value - first_value(told.value) over (
            partition by told.table_name, told.indicator, told.direction, figure.period order by figure.age_days
        ) as double
    ) as revised_by,
    figure.known_seq
from figure
inner join told on figure.period = told.period and figure.age_days = told.age_days
