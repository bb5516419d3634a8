with measured as (
    select
        *,
        coalesce(sum(if(is_own and is_counted, ends_on - starts_on + 1, 0)) over (
            partition by stay_id order by starts_on rows between unbounded preceding and 1 preceding
        ), 0) as used_since_entry
    from {{ ref('right_span') }}
),

segment as (
    select
        span.stay_id,
        span.starts_on,
        span.ends_on,
        span.is_counted,
        span.used_since_entry,
        rule.rule_id,
        cast(rule.days_per_entry as integer) as days_per_entry,
        cast(rule.days_in_window as integer) as days_in_window,
        cast(rule.window_days as integer) as window_days,
        cast(rule.days_in_year as integer) as days_in_year
    from measured as span
    inner join {{ ref('right_stay') }} as stay on span.stay_id = stay.stay_id
    inner join {{ ref('right_rule') }} as rule
        on
            stay.citizenship = rule.citizenship
            and stay.purpose = rule.purpose
            and stay.entry_post = rule.entry_post
            and span.starts_on between rule.holds_from and rule.holds_until
    where span.is_own and not span.is_covered and rule.effect = 'grant' and not rule.needs_visa
),

spent_in_year as (
    select
        segment.stay_id,
        segment.rule_id,
        segment.starts_on,
        sum(
            least(span.ends_on, segment.starts_on - 1)
            - greatest(span.starts_on, cast(date_trunc('year', segment.starts_on) as date)) + 1
        ) as used
    from segment
    inner join {{ ref('right_span') }} as span
        on
            segment.stay_id = span.stay_id
            and span.starts_on < segment.starts_on
            and span.ends_on >= cast(date_trunc('year', segment.starts_on) as date)
    where span.is_counted and segment.days_in_year is not null
    group by all
),

turn as (
    select
        span.stay_id,
        asked.window_days,
        unnest(
            [span.starts_on, span.ends_on + 1, span.starts_on + asked.window_days, span.ends_on + 1 + asked.window_days]
        )
            as day,
        unnest([1, -1, -1, 1]) as change
    from {{ ref('right_span') }} as span
    inner join (select distinct
        stay_id,
        window_days
    from segment
    where window_days is not null) as asked
        on span.stay_id = asked.stay_id
    where span.is_counted
    union all
    select distinct
        stay_id,
        window_days,
        starts_on as day,
        0 as change
    from segment
    where window_days is not null
),

slope as (
    select
        stay_id,
        window_days,
        day,
        lead(day) over days as next_day,
        sum(sum(change)) over days as per_day
    from turn
    where day <= date '9999-12-31'
    group by stay_id, window_days, day
    window days as (partition by stay_id, window_days order by day)
),

level as (
    select
        *,
        per_day + coalesce(sum(per_day * (next_day - day)) over (
            partition by stay_id, window_days order by day rows between unbounded preceding and 1 preceding
        ), 0) as used
    from slope
),

stopped_by_window as (
    select
        segment.stay_id,
        segment.rule_id,
        segment.starts_on,
        min(
            if(
                level.used > segment.days_in_window,
                level.day,
                level.day + cast(segment.days_in_window - level.used as integer) + 1
            )
        ) as stops_on
    from segment
    inner join level
        on
            segment.stay_id = level.stay_id
            and segment.window_days = level.window_days
            and level.day between segment.starts_on and segment.ends_on
    where
        level.used > segment.days_in_window
        or (
            level.per_day > 0
            and coalesce(level.day + cast(segment.days_in_window - level.used as integer) + 1 < level.next_day, true)
        )
    group by all
),

counted as (
    select
        segment.*,
        coalesce(spent_in_year.used, 0) as used_in_year,
        cast(date_trunc('year', segment.starts_on) + interval 1 year as date) as next_year_on,
        stopped_by_window.stops_on as window_stops_on
    from segment
    left join spent_in_year
        on
            segment.stay_id = spent_in_year.stay_id and segment.rule_id = spent_in_year.rule_id
            and segment.starts_on = spent_in_year.starts_on
    left join stopped_by_window
        on
            segment.stay_id = stopped_by_window.stay_id and segment.rule_id = stopped_by_window.rule_id
            and segment.starts_on = stopped_by_window.starts_on
),

stopped as (
    select
        *,
        case
            when days_per_entry is null then null
            when is_counted then starts_on + cast(greatest(days_per_entry - used_since_entry, 0) as integer)
            when used_since_entry > days_per_entry then starts_on
        end as entry_stops_on,
        case
            when days_in_year is null then null
            when not is_counted then if(used_in_year > days_in_year, starts_on, null)
            when starts_on + cast(greatest(days_in_year - used_in_year, 0) as integer) < next_year_on
                then starts_on + cast(greatest(days_in_year - used_in_year, 0) as integer)
            when days_in_year < 365 then next_year_on + days_in_year
        end as year_stops_on
    from counted
)

select
    stay_id,
    rule_id,
    starts_on,
    least(ends_on, least(entry_stops_on, window_stops_on, year_stops_on) - 1) as ends_on,
    case
        when coalesce(least(entry_stops_on, window_stops_on, year_stops_on) > ends_on, true) then null
        when entry_stops_on = least(entry_stops_on, window_stops_on, year_stops_on) then 'entry'
        when window_stops_on = least(entry_stops_on, window_stops_on, year_stops_on) then 'window'
        else 'year'
    end as counter
from stopped
