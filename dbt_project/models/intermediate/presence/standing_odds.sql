{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- Of those first heard of without an entry, some have entered since, unrecorded: to those first heard of by an entry
    as many as, of those who come back, the unrecorded to the others, told apart by how long after the border began to
    tell they would have been heard of without their entry. All others were here as it began. One person who is either
    keeps the odds of each length finite; ten would find somebody who was here where nobody was. -#}
{%- set either = 1 %}

with missed as (
    select
        (coalesce(sum(change) filter (where beginning = 'return_without_entry'), 0) + 2)
        / (coalesce(sum(change) filter (where starts_with(beginning, 'return')), 0) + 100) as share,
        coalesce(sum(change) filter (where beginning = 'return_without_entry'), 0) + 2 as seen
    from {{ ref('begun_stay_delta') }}
),

entered as (
    select
        {{ silence_span('next_sign_on - ' ~ first_reported_day()) }} as span,
        sum(change) as persons
    from {{ ref('begun_stay_delta') }}
    where beginning = 'first_by_entry'
    group by all
),

lost as (
    select
        length.span,
        coalesce(entered.persons, 0) * missed.share / (1 - missed.share) as persons,
        missed.seen
    from (values ('weeks'), ('months'), ('longer')) as length (span)
    cross join missed
    left join entered on length.span = entered.span
),

first_sign as (
    select
        presence_class,
        least(greatest(silent_since - {{ first_reported_day() }}, 0), {{ longest_silence() }}) as days,
        sum(change) as persons
    from {{ ref('released_stock_delta') }}
    where
        indicator = 'unseen' and returned_on is null and valid_day < silent_since
        and not starts_with(presence_class, 'paper:')
    group by all
    having sum(change) > 0
),

cell as (
    select
        {{ silence_span('first_sign.days') }} as span,
        cast(curve.probability as double) as chance,
        sum(first_sign.persons) as persons
    from first_sign
    inner join {{ source('presence', 'age') }} as age on first_sign.days = age.days
    inner join {{ source('presence', 'curve') }} as curve
        on first_sign.presence_class = curve.presence_class and age.band = curve.band and age.band = curve.silent_band
    where curve.ending = 'unseen' and curve.known_to_seq is null
    group by all
    union all
    select
        span,
        0.5 as chance,
        {{ either }} as persons
    from lost
),

tried as (
    select
        cell.span,
        given.odds,
        sum(cell.persons * cell.chance * given.odds / (1 - cell.chance + cell.chance * given.odds)) as persons,
        sum(
            cell.persons * cell.chance * (1 - cell.chance) * given.odds
            / power(1 - cell.chance + cell.chance * given.odds, 2)
        ) as scatter
    from (select round(power(2, unnest(range(-80, 81)) / 8), 6) as odds) as given
    cross join cell
    group by cell.span, given.odds
),

looked_for as (
    select
        lost.span,
        any_value(lost.persons) as lost,
        any_value(lost.seen) as seen,
        greatest(sum(cell.persons) - {{ either }} - any_value(lost.persons), 0) + {{ either }} / 2 as persons
    from cell
    inner join lost on cell.span = lost.span
    group by lost.span
),

kept as (
    {% if is_incremental() %}
    select
        span,
        max_by(odds, known_seq) as odds,
        max_by(sway, known_seq) as sway
    from {{ this }}
    where known_seq < {{ var('load_seq') }}
    group by span
    {% else %}
    select
        cast(null as varchar) as span,
        cast(null as double) as odds,
        cast(null as double) as sway
    where false
    {% endif %}
),

-- Odds are kept while they are no farther from the number looked for than chance: each change writes all curves anew.
chosen as (
    select
        tried.span,
        tried.odds,
        tried.scatter,
        looked_for.lost,
        looked_for.seen,
        kept.sway as sway_before
    from tried
    inner join looked_for on tried.span = looked_for.span
    left join kept on tried.span = kept.span
    qualify row_number() over (
        partition by tried.span
        order by
            abs(tried.persons - looked_for.persons) - if(tried.odds = kept.odds, sqrt(looked_for.persons), 0),
            tried.odds
    ) = 1
),

-- How many entries were lost is a number of chance, of which those first heard of show a part by themselves, and their
-- share is counted of those who came back.
told as (
    select
        chosen.*,
        sqrt(
            (greatest(chosen.lost - chosen.scatter, 0) + power(chosen.lost, 2) / chosen.seen)
            / power(chosen.scatter, 2) + power(model.apart, 2)
        ) as sway
    from chosen
    cross join {{ model_in_use() }} as model
)

select
    span,
    odds,
    if(sway_before between sway / 1.5 and sway * 1.5, sway_before, round(sway, 4)) as sway,
    cast({{ var('load_seq') }} as integer) as known_seq
from told
