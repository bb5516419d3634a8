{{ config(meta={'publish': {'aggregates': 'quality.coverage', 'analysis': 'quality.coverage'}}) }}

with covered as (
    {{ covered_days() }}
),

feed as (
    {% for entry in scheduled_feeds() -%}
    select
        '{{ entry.feed }}' as feed,
        {{ entry.days }} as cadence_days,
        {{ entry.grace }} as grace_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reported as (
    select distinct
        delivery.feed,
        delivery.business_date,
        feed.cadence_days,
        feed.grace_days
    from {{ source('quality', 'delivery') }} as delivery
    inner join feed on delivery.feed = feed.feed
    where delivery.state = 'accepted'
),

gap as (
    select
        *,
        lead(business_date) over (partition by feed order by business_date) as next_date,
        ((select max(covered.period) from covered) - grace_days - business_date - 1) // cadence_days as due_since
    from reported
),

wanting as (
    select
        feed,
        business_date,
        cadence_days,
        unnest(range(1, 1 + cast(
            if(next_date is null, due_since, round((next_date - business_date) / cadence_days) - 1) as bigint
        ))) as number
    from gap
),

due as (
    select
        feed,
        last_day(business_date) as period,
        false as is_missing
    from reported
    union all
    select
        feed,
        last_day(business_date + cast(cadence_days * number as integer)) as period,
        true as is_missing
    from wanting
),

calendar as (
    select
        feed,
        period,
        count(*) as deliveries_expected,
        count(*) filter (where is_missing) as deliveries_missing
    from due
    group by all
),

place as (
    select distinct
        feed,
        region
    from {{ ref('counted_arrival') }}
),

unit as (
    select
        place.feed,
        place.region,
        if(reported.cadence_days = 1, reported.business_date, last_day(reported.business_date)) as unit_on,
        if(reported.cadence_days = 1, dayofweek(reported.business_date), -1) as kind_of_day,
        coalesce(sum(arrival.records), 0) as records
    from place
    inner join reported on place.feed = reported.feed
    left join {{ ref('counted_arrival') }} as arrival
        on
            place.feed = arrival.feed and place.region = arrival.region
            and reported.business_date = arrival.business_date
    group by all
),

judged as (
    select
        *,
        median(records) over alike as usual,
        count(*) over alike >= 4 and median(records) over alike >= 10 as can_be_judged
    from unit
    window alike as (partition by feed, region, kind_of_day)
),

counted as (
    select
        feed,
        region,
        last_day(unit_on) as period,
        sum(records) as records,
        count(*) filter (where can_be_judged) as units_judged,
        count(*) filter (where can_be_judged and records < 0.5 * usual) as units_under,
        count(*) filter (where can_be_judged and records > 2 * usual) as units_over,
        sum(records) filter (where can_be_judged) / sum(usual) filter (where can_be_judged) as ratio_to_usual
    from judged
    group by all
),

heard as (
    select distinct
        feed,
        post_code,
        last_day(business_date) as period
    from {{ ref('counted_arrival') }}
    where post_code <> '_T'
),

post as (
    select
        calendar.feed,
        calendar.period,
        {{ place_on('region', 'post.kato', 'calendar.period') }} as region,
        count(*) as posts_known,
        count(*) filter (where heard.post_code is null) as posts_silent
    from calendar
    inner join {{ ref('control_post') }} as post
        on
            coalesce(post.opened_on <= calendar.period, true)
            and coalesce(post.closed_on >= date_trunc('month', calendar.period), true)
    left join heard
        on calendar.feed = heard.feed and calendar.period = heard.period and post.post_code = heard.post_code
    where calendar.feed in (select speaking.feed from heard as speaking)
    group by all
),

cell as (
    select
        feed,
        region,
        period
    from counted
    union
    select
        feed,
        region,
        period
    from post
    union
    select
        place.feed,
        place.region,
        calendar.period
    from place
    inner join calendar on place.feed = calendar.feed
)

select
    cell.feed,
    cell.region,
    cell.period,
    cast(coalesce(counted.records, 0) as bigint) as records,
    calendar.deliveries_expected,
    calendar.deliveries_missing,
    post.posts_known,
    post.posts_silent,
    coalesce(counted.units_judged, 0) as units_judged,
    coalesce(counted.units_under, 0) as units_under,
    coalesce(counted.units_over, 0) as units_over,
    counted.ratio_to_usual
from cell
left join counted on cell.feed = counted.feed and cell.region = counted.region and cell.period = counted.period
left join calendar on cell.feed = calendar.feed and cell.period = calendar.period
left join post on cell.feed = post.feed and cell.region = post.region and cell.period = post.period
