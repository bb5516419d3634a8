{{ config(materialized='incremental', incremental_strategy='post_months') }}

with clock as (
    {{ clock_of_post() }}
),

passage as (
    select
        told.*,
        {{ hour_at_post('told.valid_hour', 'clock.clock') }} as hour_from
    from {{ ref('post_hour_delta') }} as told
    left join clock on told.post_code = clock.post_code
),

report as (
    select
        told.* exclude (hour_from),
        {{ hour_at_post('told.hour_from', 'clock.clock') }} as hour_from
    from {{ ref('stg_post_hours') }} as told
    left join clock on told.post_code = clock.post_code
),

passed as (
    select
        hour_from,
        post_code,
        cast(sum(change) filter (where direction = 'entry') as double) as crossings_in,
        cast(sum(change) filter (where direction = 'exit') as double) as crossings_out,
        cast(sum(change) filter (where direction = 'refused_entry') as double) as refused_entries,
        cast(sum(change) filter (where direction = 'refused_exit') as double) as refused_exits
    from passage
    {% if is_incremental() -%}
    where {{ is_touched_post_month('last_day(cast(hour_from as date))') }}
    {% endif -%}
    group by all
    having sum(change) <> 0
),

worked as (
    select
        hour_from,
        post_code,
        max(lanes_open) as lanes_open,
        max(median_wait_s) as median_wait_s,
        max(median_check_s) as median_check_s
    from report
    {% if is_incremental() -%}
    where {{ is_touched_post_month('last_day(cast(hour_from as date))') }}
    {% endif -%}
    group by all
),

hour as (
    select
        last_day(cast(coalesce(passed.hour_from, worked.hour_from) as date)) as period,
        coalesce(passed.post_code, worked.post_code) as post_code,
        strftime(coalesce(passed.hour_from, worked.hour_from), '%H') as hour,
        passed.* exclude (hour_from, post_code),
        worked.* exclude (hour_from, post_code),
        if(worked.lanes_open > 0, coalesce(passed.crossings_in, 0) + coalesce(passed.crossings_out, 0), null) as handled
    from passed
    full join worked on passed.hour_from = worked.hour_from and passed.post_code = worked.post_code
)

select
    period,
    post_code,
    hour,
    sum(crossings_in) as crossings_in,
    sum(crossings_out) as crossings_out,
    sum(refused_entries) as refused_entries,
    sum(refused_exits) as refused_exits,
    cast(count(lanes_open) as double) as hours_reported,
    avg(lanes_open) as lanes_open,
    median(median_wait_s) as median_wait_s,
    median(median_check_s) as median_check_s,
    sum(handled) / sum(lanes_open) filter (where handled is not null) as load_per_lane
from hour
group by all
