{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- To those who left on record and have not come back, as many have left unrecorded and not come back as, of those who
    came back, had left unrecorded to the others, told apart by how long nothing has been heard of them; and exits that are
    still to be reported. All others who are silent are here. What few persons say counts for little: the odds of a group
    lean on those of all who used to stay as long, and these on the model. Odds that still do are kept, so that no night
    writes curves anew for what is chance. -#}
{%- set apart_from_model, apart_from_usual = 1, 0.5 %}

with ended_stay as (
    select
        class_group,
        ending,
        silent_since,
        {{ stays_that_ended('sum(change)') }} as stays
    from {{ ref('ended_stay_delta') }}
    group by class_group, ending, silent_since
),

ended as (
    select
        class_group,
        {{ silence_span(last_covered_day() ~ ' - silent_since') }} as span,
        sum(stays) as away
    from ended_stay
    where ending = 'recorded_away'
    group by all
),

-- Exits of the last fortnight after which nobody came back stand for those that are still to be reported.
just_left as (
    select
        {{ class_group(presence_class('stay')) }} as class_group,
        {{ silence_span(
            last_covered_day() ~ ' - coalesce(list_filter(stay.signs_on, lambda day: day < stay.left_on)[-1], stay.left_on)'
        ) }} as span,
        sum(passage.to_come) as persons
    from {{ ref('stay_history') }} as stay
    inner join (
        select
            to_come,
            {{ last_covered_day() }} - cast(days as integer) as left_on
        from {{ ref('unreported_passage') }}
        where direction = 'exit'
    ) as passage on stay.left_on = passage.left_on
    where
        stay.known_to_seq is null
        and (stay.entered_on is not null or stay.first_sign_on < stay.left_on)
        and not exists (
            select later.stay_id from {{ ref('stay_history') }} as later
            where
                later.known_to_seq is null and later.first_sign_on > {{ last_covered_day() }} - 15
                and later.person_id = stay.person_id
                and later.first_sign_on >= stay.left_on and later.stay_id <> stay.stay_id
        )
    group by all
),

came_back as (
    select
        class_group,
        coalesce(sum(stays) filter (where ending = 'unrecorded_back'), 0) as unrecorded,
        coalesce(sum(stays) filter (where ending = 'recorded_back'), 0) as recorded
    from ended_stay
    group by class_group
),

lost as (
    select
        (coalesce(sum(unrecorded), 0) + 5) / (coalesce(sum(recorded), 0) + 95) as to_a_recorded,
        (coalesce(sum(unrecorded), 0) + 5) / (coalesce(sum(unrecorded + recorded), 0) + 100) as share,
        coalesce(sum(unrecorded), 0) + 5 as unrecorded
    from came_back
),

-- By how much more than by chance the lost exits of those who came back scatter between groups (chi-squared to its
-- degrees of freedom), for losses do not come one by one. Ten groups that scatter by chance hold it at one where few
-- are seen.
scattering as (
    select greatest((coalesce(sum(chi_squared), 0) + 10) / (greatest(count(*) - 1, 0) + 10), 1) as spread
    from (
        select
            power(came_back.unrecorded - (came_back.unrecorded + came_back.recorded) * lost.share, 2)
            / ((came_back.unrecorded + came_back.recorded) * lost.share * (1 - lost.share)) as chi_squared
        from came_back
        cross join lost
        where (came_back.unrecorded + came_back.recorded) * lost.share >= 5
    ) as each
),

silence as (
    select
        presence_class,
        least({{ last_covered_day() }} - silent_since, {{ longest_silence() }}) as days,
        sum(change) as persons
    from {{ ref('released_stock_delta') }}
    where
        indicator = 'silent' and returned_on is null and valid_day <= {{ last_covered_day() }}
        and not starts_with(presence_class, 'paper:')
    group by all
    having sum(change) > 0
),

cell as (
    select
        {{ class_group('curve.presence_class') }} as class_group,
        {{ silence_span('silence.days') }} as span,
        cast(curve.probability as double) as chance,
        sum(silence.persons) as persons
    from silence
    inner join {{ source('presence', 'age') }} as age on silence.days = age.days
    inner join {{ source('presence', 'curve') }} as curve
        on silence.presence_class = curve.presence_class and age.band = curve.band and age.band = curve.silent_band
    where curve.ending = 'open' and curve.known_to_seq is null
    group by all
),

given as (
    select power(2, unnest(range(-24, 25)) / 4) as odds
),

looked_for as (
    select
        known.class_group,
        length.span,
        coalesce(ended.away, 0) as away,
        coalesce(ended.away, 0) * lost.to_a_recorded + coalesce(just_left.persons, 0) as persons,
        scattering.spread,
        -- The share of lost exits is that of all: what is unsure of it is so of all groups at once.
        sqrt(scattering.spread / lost.unrecorded) as unsure_share
    from (
        select distinct {{ class_group('presence_class') }} as class_group
        from {{ source('presence', 'curve') }}
        where ending = 'open' and known_to_seq is null and not starts_with(presence_class, 'paper:')
    ) as known
    cross join (values ('weeks'), ('months'), ('longer')) as length (span)
    left join ended on known.class_group = ended.class_group and length.span = ended.span
    left join just_left on known.class_group = just_left.class_group and length.span = just_left.span
    cross join lost
    cross join scattering
),

tried as (
    select
        *,
        {{ habit_of('class_group') }} as habit
    from (
        select
            looked_for.class_group,
            looked_for.span,
            given.odds,
            any_value(looked_for.away) as away,
            any_value(looked_for.spread) as spread,
            any_value(looked_for.unsure_share) as unsure_share,
            any_value(looked_for.persons) as looked_for,
            coalesce(sum(cell.persons), 0) as silent,
            coalesce(sum(cell.persons * {{ gone_chance('cell.chance', 'given.odds') }}), 0) as expected,
            coalesce(sum(
                cell.persons * {{ gone_chance('cell.chance', 'given.odds') }}
                * (1 - {{ gone_chance('cell.chance', 'given.odds') }})
            ), 0) as scatter
        from looked_for
        cross join given
        left join cell on looked_for.class_group = cell.class_group and looked_for.span = cell.span
        group by looked_for.class_group, looked_for.span, given.odds
    ) as each
),

-- All groups of a habit together, which lean on the model; then each group, which leans on these.
together as (
    select
        *,
        {{ misfit('summed', '1', apart_from_model) }} as misfit
    from (
        select
            habit,
            span,
            odds,
            sum(away) as away,
            any_value(spread) as spread,
            sum(looked_for) as looked_for,
            sum(silent) as silent,
            sum(expected) as expected,
            sum(scatter) as scatter
        from tried
        group by all
    ) as summed
),

usual as (
    select
        *,
        {{ unsureness('together', apart_from_model) }} as unsureness
    from together
    qualify row_number() over (partition by habit, span order by misfit, odds) = 1
),

kept as (
    {% if is_incremental() %}
    select
        class_group,
        span,
        odds,
        dispersion,
        sway
    from {{ this }}
    where known_seq < {{ var('load_seq') }}
    qualify row_number() over (partition by class_group, span order by known_seq desc) = 1
    {% else %}
    select
        cast(null as varchar) as class_group,
        cast(null as varchar) as span,
        cast(null as double) as odds,
        cast(null as double) as dispersion,
        cast(null as double) as sway
    where false
    {% endif %}
),

weighed as (
    select
        tried.*,
        usual.unsureness as unsure_together,
        (1 - usual.unsureness / power({{ apart_from_model }}, 2)) * usual.looked_for
        / nullif(usual.scatter, 0) as moved_together,
        {{ unsureness('tried', apart_from_usual) }} as unsureness,
        {{ misfit('tried', 'usual.odds', apart_from_usual) }} as misfit
    from tried
    inner join usual on tried.habit = usual.habit and tried.span = usual.span
),

-- Odds of nobody stay as they are, at first those of the model: nobody looks their curves up. So do odds that are about
-- as likely by the counts as the likeliest.
chosen as (
    select
        weighed.*,
        kept.dispersion as dispersion_before,
        kept.sway as sway_before
    from weighed
    left join kept on weighed.class_group = kept.class_group and weighed.span = kept.span
    qualify row_number() over (
        partition by weighed.class_group, weighed.span
        order by
            if(weighed.silent = 0, abs(ln(weighed.odds / coalesce(kept.odds, 1))), weighed.misfit)
            - if(weighed.odds = kept.odds, 1, 0), weighed.odds
    ) = 1
),

leaning as (
    select
        *,
        unsureness / power({{ apart_from_usual }}, 2) as leaning
    from chosen
),

-- What moves the logarithm of the odds of many groups alike: what is unsure of the odds of all of the habit, both by
-- the group's own counts, of which those of all are made, and by theirs; and what is unsure of the share of lost exits.
scattered as (
    select
        *,
        sqrt(unsure_together * leaning * (2 - leaning)) as by_usual,
        unsure_share
        * coalesce((1 - leaning) * looked_for / nullif(scatter, 0) + leaning * moved_together, 0) as by_share
    from leaning
),

-- Bounds of curves add up as if all erred alike, but habits and lengths of silence err each by itself: by this share
-- less. What a group has by itself adds up in the variance, by its dispersion, and is not counted twice.
swayed as (
    select coalesce(sqrt(power(sum(by_share), 2) + sum(by_usual)) / nullif(sum(by_both), 0), 1) as share
    from (
        select
            sum(scatter * by_share) as by_share,
            power(sum(scatter * by_usual), 2) - sum(power(scatter * by_usual, 2)) as by_usual,
            sum(scatter * sqrt(power(by_share, 2) + power(by_usual, 2))) as by_both
        from scattered
        group by habit, span
    ) as each
),

told as (
    select
        scattered.*,
        1 + scattered.scatter * (scattered.unsureness + power(scattered.by_usual, 2)) as dispersion,
        -- A home of which the model has not learned may differ from it everywhere alike: no share of that is less.
        sqrt(
            power(swayed.share, 2) * (power(scattered.by_share, 2) + power(scattered.by_usual, 2))
            + power(model.apart, 2)
        ) as sway
    from scattered
    cross join swayed
    cross join {{ model_in_use() }} as model
)

select
    class_group,
    span,
    odds,
    {{ kept_unless_far('dispersion', 1, 2) }} as dispersion,
    {{ kept_unless_far('sway', 0, 4) }} as sway,
    cast({{ var('load_seq') }} as integer) as known_seq
from told
