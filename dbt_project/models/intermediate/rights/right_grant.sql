{#- A window can stop a stay only before its days per entry do: where its earlier days and all that can still count do
    not fill it, no level is computed. -#}
with measured as (
    select
        *,
        coalesce(sum(if(is_counted, ends_on - starts_on + 1, 0)) over (
            partition by stay_id order by starts_on rows between unbounded preceding and 1 preceding
        ), 0) as used_since_entry
    from {{ ref('right_span') }}
    where is_own
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
    where not span.is_covered and rule.effect = 'grant' and not rule.needs_visa
),

spent as (
    select
        segment.stay_id,
        segment.rule_id,
        segment.starts_on,
        sum(greatest(0, least(span.ends_on, segment.starts_on - 1) - greatest(
            span.starts_on, cast(date_trunc('year', segment.starts_on) as date)
        ) + 1)) as in_year,
        sum(greatest(0, least(span.ends_on, segment.starts_on - 1) - greatest(
            span.starts_on, segment.starts_on - segment.window_days + 1
        ) + 1)) as in_window
    from segment
    inner join {{ ref('right_span') }} as span
        on segment.stay_id = span.stay_id and span.starts_on < segment.starts_on
    where span.is_counted
    group by all
),

counted as (
    select
        segment.*,
        coalesce(spent.in_year, 0) as used_in_year,
        coalesce(spent.in_window, 0) as used_in_window,
        cast(date_trunc('year', segment.starts_on) + interval 1 year as date) as next_year_on,
        case
            when not segment.is_counted or segment.days_per_entry <= segment.used_since_entry then 0
            else
                least(
                    segment.ends_on - segment.starts_on + 1, segment.days_per_entry - segment.used_since_entry
                )
        end as countable
    from segment
    left join spent
        on
            segment.stay_id = spent.stay_id and segment.rule_id = spent.rule_id
            and segment.starts_on = spent.starts_on
),

-- Days from the first interval on, as long as days per entry let the last one go on, decide.
asked as (
    select
        stay_id,
        window_days,
        min(starts_on) as decides_from,
        max(coalesce(starts_on + days_per_entry, date '9999-12-31')) as decides_until
    from counted
    group by stay_id, window_days
    having bool_or(used_in_window + countable > days_in_window)
),

turn as (
    select
        asked.*,
        unnest(
            [span.starts_on, span.ends_on + 1, span.starts_on + asked.window_days, span.ends_on + 1 + asked.window_days]
        )
            as turned_on,
        unnest([1, -1, -1, 1]) as change
    from {{ ref('right_span') }} as span
    inner join asked on span.stay_id = asked.stay_id
    where span.is_counted
    union all
    select distinct
        asked.*,
        counted.starts_on as turned_on,
        0 as change
    from counted
    inner join asked on counted.stay_id = asked.stay_id and counted.window_days = asked.window_days
),

decisive as (
    select
        stay_id,
        window_days,
        greatest(turned_on, decides_from) as day,
        change,
        change * (greatest(turned_on, decides_from) - turned_on) as used_before
    from turn
    where turned_on <= decides_until
),

slope as (
    select
        stay_id,
        window_days,
        day,
        lead(day) over days as next_day,
        sum(sum(change)) over days as per_day,
        sum(sum(used_before)) over days as used_before
    from decisive
    group by stay_id, window_days, day
    window days as (partition by stay_id, window_days order by day)
),

level as (
    select
        *,
        per_day + used_before + coalesce(sum(per_day * (next_day - day)) over (
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

limited as (
    select
        counted.*,
        stopped_by_window.stops_on as window_stops_on
    from counted
    left join stopped_by_window
        on
            counted.stay_id = stopped_by_window.stay_id and counted.rule_id = stopped_by_window.rule_id
            and counted.starts_on = stopped_by_window.starts_on
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
    from limited
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
