{{ config(meta={'publish': {
    'aggregates': 'reference.working_calendar', 'analysis': 'reference.working_calendar'
}}) }}
-- Two holidays on one weekend take the next two days that would be worked.

with day as (
    select cast(unnest(range(
        date '2016-01-01',
        (select date_trunc('year', max(covered.period)) from ({{ covered_days() }}) as covered) + interval 2 year,
        interval 1 day
    )) as date) as day
),

holiday as (
    select
        day.day,
        min(rule.holiday) as holiday,
        bool_or(rule.moves) and isodow(day.day) >= 6 as is_moved
    from day
    inner join {{ ref('holiday') }} as rule
        on
            month(day.day) = rule.month and dayofmonth(day.day) = rule.day
            and day.day >= rule.valid_from and coalesce(day.day < rule.valid_to, true)
    group by day.day
),

moved as (
    select
        holiday,
        cast(date_trunc('week', day) as date) as week,
        row_number() over (partition by date_trunc('week', day) order by day) as place
    from holiday
    where is_moved
),

free as (
    select
        day.day,
        moved.week,
        row_number() over (partition by moved.week order by day.day) as place
    from (select distinct moved.week from moved) as moved
    inner join day on day.day between moved.week + 7 and moved.week + 11
    where
        day.day not in (select holiday.day from holiday)
        and day.day not in (
            select change.day
            from {{ ref('holiday_change') }} as change
            where change.kind = 'kurban_ait'
        )
),

off as (
    select
        day,
        holiday
    from holiday
    union all
    select
        free.day,
        moved.holiday
    from free
    inner join moved on free.week = moved.week and free.place = moved.place
),

judged as (
    select
        day.day,
        coalesce(change.is_working, isodow(day.day) <= 5 and off.day is null) as is_working,
        if(change.is_working, null, coalesce(off.holiday, change.kind)) as holiday
    from day
    left join off on day.day = off.day
    left join {{ ref('holiday_change') }} as change on day.day = change.day
)

select
    day,
    is_working,
    holiday,
    count(*) filter (where is_working) over (order by day) as working_days
from judged
