{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- Of those first heard of without an entry, some have entered since, unrecorded: to those first heard of by an entry
    as many as, of those who come back, the unrecorded to the others. All others were here as the border began to tell.
    Ten persons who are either hold the odds where few are seen. -#}

with lost as (
    select
        first_by_entry * missed / (1 - missed) as persons,
        returned as seen
    from (
        select
            coalesce(sum(change) filter (where beginning = 'first_by_entry'), 0) as first_by_entry,
            coalesce(sum(change) filter (where beginning = 'return_without_entry'), 0) + 2 as returned,
            (coalesce(sum(change) filter (where beginning = 'return_without_entry'), 0) + 2)
            / (coalesce(sum(change) filter (where starts_with(beginning, 'return')), 0) + 100) as missed
        from {{ ref('begun_stay_delta') }}
    ) as begun_stay
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
        cast(curve.probability as double) as chance,
        sum(first_sign.persons) as persons
    from first_sign
    inner join {{ source('presence', 'age') }} as age on first_sign.days = age.days
    inner join {{ source('presence', 'curve') }} as curve
        on first_sign.presence_class = curve.presence_class and age.band = curve.band and age.band = curve.silent_band
    where curve.ending = 'unseen' and curve.known_to_seq is null
    group by curve.probability
    union all
    select
        0.5 as chance,
        10 as persons
),

tried as (
    select
        given.odds,
        sum(cell.persons * cell.chance * given.odds / (1 - cell.chance + cell.chance * given.odds)) as persons,
        sum(
            cell.persons * cell.chance * (1 - cell.chance) * given.odds
            / power(1 - cell.chance + cell.chance * given.odds, 2)
        ) as scatter
    from (select power(2, unnest(range(-20, 21)) / 2) as odds) as given
    cross join cell
    group by given.odds
),

looked_for as (
    select greatest(sum(cell.persons) - 10 - any_value(lost.persons), 0) + 5 as persons
    from cell
    cross join lost
),

kept as (
    {% if is_incremental() %}
    select
        max_by(odds, known_seq) as odds,
        max_by(sway, known_seq) as sway
    from {{ this }}
    where known_seq < {{ var('load_seq') }}
    {% else %}
    select
        cast(null as double) as odds,
        cast(null as double) as sway
    {% endif %}
),

-- Odds are kept while they are no farther from the number looked for than chance: each change writes all curves anew.
chosen as (
    select
        tried.odds,
        tried.scatter,
        kept.sway as sway_before
    from tried
    cross join looked_for
    cross join kept
    qualify row_number() over (
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
            (greatest(lost.persons - chosen.scatter, 0) + power(lost.persons, 2) / lost.seen) / power(chosen.scatter, 2)
            + power(model.apart, 2)
        ) as sway
    from chosen
    cross join lost
    cross join (
        select apart
        from {{ source('presence', 'model') }}
        where known_to_seq is null
    ) as model
)

select
    odds,
    if(sway_before between sway / 1.5 and sway * 1.5, sway_before, round(sway, 4)) as sway,
    cast({{ var('load_seq') }} as integer) as known_seq
from told
