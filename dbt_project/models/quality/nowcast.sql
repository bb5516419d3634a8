{{ config(meta={'publish': {'aggregates': 'quality.nowcast', 'analysis': 'quality.nowcast'}}) }}
-- Reporting triangle: by day of the fact and days since that day's own delivery was made. Sums run over the days on
-- which a cell could first be seen, so that one pass gives what would have been expected on every past day.
{%- set horizon, shown, nominal, z = 30, 14, 0.95, 1.959964 %}

with own as (
    select
        feed,
        business_date as period,
        min(cast(coalesce(created_at, cast(business_date as timestamptz)) as date)) as made_on
    from {{ source('quality', 'delivery') }}
    where
        state = 'accepted' and coalesce(kind, 'increment') <> 'correction'
        and feed in (
            {%- for entry in scheduled_feeds() if entry.days == 1 and (entry.has_post or entry.has_kato) -%}
            '{{ entry.feed }}',
            {% endfor %}''
        )
    group by all
),

asked as (
    select
        feed,
        made_on as asked_on,
        made_on = max(made_on) over (partition by feed) as is_now
    from (
        select distinct
            own.feed,
            own.made_on
        from own
    ) as made
),

arrived as (
    select
        own.feed,
        own.period,
        greatest(arrival.made_on - own.made_on, 0) as age,
        sum(arrival.records) as records
    from {{ ref('counted_arrival') }} as arrival
    inner join own on arrival.feed = own.feed and arrival.happened_on = own.period
    group by all
),

cell as (
    select
        own.feed,
        own.period,
        own.made_on,
        age.age,
        cast(own.made_on + age.age as date) as seen_on,
        coalesce(arrived.records, 0) as records,
        sum(coalesce(arrived.records, 0)) over (partition by own.feed, own.period order by age.age) as known
    from own
    cross join (select cast(unnest(range({{ horizon }} + 1)) as integer) as age) as age
    inner join asked as latest
        on own.feed = latest.feed and latest.is_now and own.made_on + age.age <= latest.asked_on
    left join arrived on own.feed = arrived.feed and own.period = arrived.period and age.age = arrived.age
),

step as (
    select
        feed,
        age,
        seen_on,
        sum(sum(records)) over earlier as late,
        sum(sum(known)) over earlier as exposed,
        sum(sum(records * records / known)) over earlier as squares,
        sum(count(*)) over earlier as days
    from cell
    where age > 0 and known > 0
    group by feed, age, seen_on
    window earlier as (partition by feed, age order by seen_on)
),

hazard as (
    select
        asked.feed,
        asked.asked_on,
        step.age,
        least(step.late / step.exposed, 0.999) as late,
        step.exposed,
        step.squares,
        step.days
    from (select * from asked cross join (select unnest(range(1, {{ horizon }} + 1)) as age) as age) as asked
    asof inner join step on asked.feed = step.feed and asked.age = step.age and asked.asked_on >= step.seen_on
),

spread as (
    select
        feed,
        asked_on,
        greatest(
            sum((squares - late * late * exposed) / (late * (1 - late))) filter (where late > 0)
            / nullif(sum(days - 1) filter (where late > 0), 0),
            1
        ) as dispersion
    from hazard
    group by all
),

share as (
    select
        hazard.feed,
        hazard.asked_on,
        hazard.age - 1 as age,
        spread.dispersion,
        exp(sum(ln(1 - hazard.late)) over later) as reported,
        coalesce(spread.dispersion, 1) * sum(hazard.late / ((1 - hazard.late) * hazard.exposed)) over later as unsure
    from hazard
    inner join spread on hazard.feed = spread.feed and hazard.asked_on = spread.asked_on
    window later as (partition by hazard.feed, hazard.asked_on order by hazard.age desc)
),

moment as (
    select
        cell.feed,
        cell.period,
        cell.age,
        asked.is_now,
        cell.known,
        share.reported,
        share.dispersion,
        (cell.known + 1) * (1 - share.reported) / share.reported as more,
        (
            coalesce(share.dispersion, 1) * (cell.known + 1) * (1 - share.reported)
            + (cell.known + 1) * (cell.known + 1) * share.unsure
        ) / (share.reported * share.reported) as variance
    from cell
    inner join asked on cell.feed = asked.feed and cell.seen_on = asked.asked_on
    inner join share on cell.feed = share.feed and cell.seen_on = share.asked_on and cell.age = share.age
    where cell.age < {{ shown }}
),

bounded as (
    select
        *,
        variance / nullif(9 * more * more, 0) as narrow
    from moment
),

estimate as (
    select
        * exclude (narrow),
        known + more as expected,
        known + coalesce(floor(more * greatest(1 - narrow - {{ z }} * sqrt(narrow), 0) ^ 3), 0) as lower,
        known + coalesce(ceil(more * greatest(1 - narrow + {{ z }} * sqrt(narrow), 0) ^ 3), 0) as upper
    from bounded
),

tested as (
    select
        estimate.feed,
        estimate.age,
        count(*) as tested,
        avg(cast(final.known between estimate.lower and estimate.upper as integer)) as covered
    from estimate
    inner join cell as final
        on estimate.feed = final.feed and estimate.period = final.period and final.age = {{ horizon }}
    where not estimate.is_now
    group by all
)

select
    estimate.feed,
    estimate.period,
    cast(estimate.age as integer) as age_days,
    cast(estimate.known as bigint) as known,
    cast(estimate.expected as double) as expected,
    cast(estimate.lower as double) as lower,
    cast(estimate.upper as double) as upper,
    cast(estimate.reported as double) as share_reported,
    cast(estimate.dispersion as double) as dispersion,
    cast({{ nominal }} as double) as nominal_coverage,
    cast(coalesce(tested.tested, 0) as bigint) as tested,
    cast(tested.covered as double) as tested_coverage,
    {{ known_now() }} as known_seq
from estimate
left join tested on estimate.feed = tested.feed and estimate.age = tested.age
where estimate.is_now
