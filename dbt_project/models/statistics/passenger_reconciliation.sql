{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.passenger_reconciliation', 'analysis': 'statistics.passenger_reconciliation'
}}) }}

with heard as (
    select max(business_date) as last_day
    from {{ source('quality', 'delivery') }}
    where feed = 'border_crossings' and state = 'accepted'
),

flight as (
    select
        valid_day as period,
        direction,
        post_code,
        carrier,
        flight,
        coalesce(sum(change) filter (where indicator = 'announced'), 0) as announced,
        coalesce(sum(change) filter (where indicator = 'seen_as_announced'), 0) as seen_as_announced,
        coalesce(sum(change) filter (where indicator = 'seen_unlisted'), 0) as seen_unlisted
    from {{ ref('passenger_delta') }}
    group by all
),

listed as (
    select
        *,
        max(announced) over (
            partition by direction, post_code, flight order by period
            range between interval 1 day preceding and interval 1 day following
        ) > 0 as has_list
    from flight
),

figure as (
    unpivot (
        select
            *,
            announced - seen_as_announced as announced_not_seen,
            if(has_list, seen_unlisted, 0) as seen_not_announced,
            if(has_list, 0, seen_unlisted) as seen_without_list
        from listed
    )
    on announced, seen_as_announced, announced_not_seen, seen_not_announced, seen_without_list
    into name indicator value value
)

select
    figure.period,
    figure.direction,
    {{ place_on('region', 'post.kato', 'figure.period') }} as region,
    figure.post_code,
    figure.carrier,
    figure.flight,
    figure.indicator,
    cast(figure.value as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('figure.period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
inner join {{ ref('control_post') }} as post on figure.post_code = post.post_code
inner join heard on figure.period < heard.last_day
where figure.value <> 0
