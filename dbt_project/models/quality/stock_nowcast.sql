{{ config(meta={'publish': {'aggregates': 'quality.stock_nowcast', 'analysis': 'quality.stock_nowcast'}}) }}
-- Who is here on one of the last days and is told of later: entries that are still to be reported, by how many of those
-- who enter are here so many days after; and entries that nobody recorded, of which a sign comes later, by how many of
-- the last half-year were first heard of so many days after a day on which they were here by the chances of the model.
{%- set horizon, half_year = 15, 180 %}

with age as (
    select cast(unnest(range({{ horizon }})) as integer) as age_days
),

stayed as (
    select
        age.age_days,
        avg(cast(coalesce(stay.ended_on, date '9999-12-31') > stay.entered_on + age.age_days as integer)) as share
    from {{ ref('stay_history') }} as stay
    cross join age
    where
        stay.known_to_seq is null
        and stay.entered_on between {{ last_covered_day() }} - 75 and {{ last_covered_day() }} - {{ horizon }}
    group by age.age_days
),

late as (
    select
        age.age_days,
        sum(passage.expected * stayed.share) as persons
    from age
    inner join {{ ref('unreported_passage') }} as passage on age.age_days <= passage.days
    inner join stayed on passage.days - age.age_days = stayed.age_days
    where passage.direction = 'entry'
    group by age.age_days
),

first_sign as (
    select
        presence_class,
        if(returned_on is null, 'unseen', 'away') as ending,
        least(
            greatest(silent_since - coalesce(returned_on, {{ first_reported_day() }}), 0), {{ longest_silence() }}
        ) as unseen_days,
        sum(change) as persons
    from {{ ref('released_stock_delta') }}
    where
        indicator = 'unseen' and valid_day < silent_since and not starts_with(presence_class, 'paper:')
        and not ends_with(presence_class, {{ unheard_class("''") }})
        and silent_since > {{ last_covered_day() }} - {{ half_year }} and silent_since <= {{ last_covered_day() }}
    group by all
    having sum(change) > 0
),

cell as (
    select
        first_sign.presence_class,
        first_sign.ending,
        age.band as whole_band,
        sum(first_sign.persons) as persons
    from first_sign
    inner join {{ source('presence', 'age') }} as age on first_sign.unseen_days = age.days
    group by all
),

-- What the curve has at its end are those who were here as the border began to tell: none is still to be added to them.
unheard as (
    select
        ago.days,
        sum(cell.persons * greatest(then_on.probability - if(cell.ending = 'unseen', start.probability, 0), 0))
        / greatest(least({{ last_covered_day() }} - {{ first_reported_day() }}, {{ half_year }}), 1) as persons
    from cell
    inner join {{ source('presence', 'age') }} as ago on cell.whole_band >= ago.band
    inner join {{ ref('weighed_curve') }} as then_on
        on
            cell.presence_class = then_on.presence_class and cell.ending = then_on.ending
            and cell.whole_band = then_on.silent_band and ago.band = then_on.band
    inner join {{ ref('weighed_curve') }} as start
        on
            cell.presence_class = start.presence_class and cell.ending = start.ending
            and cell.whole_band = start.silent_band and cell.whole_band = start.band
    where ago.days between 1 and {{ half_year }} and then_on.known_to_seq is null and start.known_to_seq is null
    group by ago.days
),

lost as (
    select
        age.age_days,
        sum(unheard.persons) as persons
    from age
    inner join unheard on age.age_days < unheard.days
    group by age.age_days
),

known as (
    select
        period,
        sum(value) as value,
        sum(lower) as lower,
        sum(upper) as upper,
        sum(variance) as variance
    from {{ ref('stock_daily') }}
    where indicator = 'stock' and period > {{ last_covered_day() }} - {{ horizon }}
    group by period
),

estimate as (
    select
        known.*,
        {{ last_covered_day() }} - known.period as age_days,
        cast(coalesce(late.persons, 0) as double) as late,
        cast(coalesce(lost.persons, 0) as double) as unrecorded
    from known
    left join late on {{ last_covered_day() }} - known.period = late.age_days
    left join lost on {{ last_covered_day() }} - known.period = lost.age_days
)

select
    period,
    cast(age_days as integer) as age_days,
    value as known,
    late,
    unrecorded,
    value + late + unrecorded as expected,
    value + late + unrecorded
    - sqrt((value - lower) * (value - lower) + 3.84 * (variance + late + unrecorded)) as lower,
    value + late + unrecorded
    + sqrt((upper - value) * (upper - value) + 3.84 * (variance + late + unrecorded)) as upper,
    {{ known_now() }} as known_seq
from estimate
