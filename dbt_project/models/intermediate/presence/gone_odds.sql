{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- To those who left on record and have not come back, as many have left unrecorded and not come back as, of those who
    came back, had left unrecorded to the others, told apart by how long nothing has been heard of them; and exits that are
    still to be reported. All others who are silent are here. What few persons say counts for little: the odds of a group
    lean on those of all who used to stay as long, and these on the model. -#}

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
    inner join {{ ref('unreported_passage') }} as passage on {{ last_covered_day() }} - stay.left_on = passage.days
    where
        stay.known_to_seq is null and passage.direction = 'exit'
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

lost as (
    select
        (coalesce(sum(stays) filter (where ending = 'unrecorded_back'), 0) + 5)
        / (coalesce(sum(stays) filter (where ending = 'recorded_back'), 0) + 95) as to_a_recorded
    from ended_stay
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
    select power(2, unnest(range(-12, 13)) / 4) as odds
),

looked_for as (
    select
        known.class_group,
        length.span,
        coalesce(ended.away, 0) as away,
        coalesce(ended.away, 0) * lost.to_a_recorded + coalesce(just_left.persons, 0) as persons
    from (
        select distinct {{ class_group('presence_class') }} as class_group
        from {{ source('presence', 'curve') }}
        where ending = 'open' and known_to_seq is null and not starts_with(presence_class, 'paper:')
    ) as known
    cross join (values ('weeks'), ('months'), ('longer')) as length (span)
    left join ended on known.class_group = ended.class_group and length.span = ended.span
    left join just_left on known.class_group = just_left.class_group and length.span = just_left.span
    cross join lost
),

tried as (
    select
        looked_for.class_group,
        looked_for.span,
        given.odds,
        any_value(looked_for.away) as away,
        any_value(looked_for.persons) as looked_for,
        coalesce(sum(cell.persons), 0) as silent,
        coalesce(sum(cell.persons * {{ gone_chance('cell.chance', 'given.odds') }}), 0) as expected
    from looked_for
    cross join given
    left join cell on looked_for.class_group = cell.class_group and looked_for.span = cell.span
    group by looked_for.class_group, looked_for.span, given.odds
),

-- All groups of a habit together, which lean on the model; then each group, which leans on these.
usual as (
    select
        together.habit,
        together.span,
        arg_min(together.odds, {{ misfit('together', '1', 1) }}) as odds
    from (
        select
            {{ habit_of('class_group') }} as habit,
            span,
            odds,
            sum(away) as away,
            sum(looked_for) as looked_for,
            sum(silent) as silent,
            sum(expected) as expected
        from tried
        group by all
    ) as together
    group by together.habit, together.span
)

-- Odds of nobody are those of the model, so that curves which nobody looks up are not written anew.
select
    tried.class_group,
    tried.span,
    if(max(tried.silent) = 0, 1, arg_min(tried.odds, {{ misfit('tried', 'usual.odds', 0.5) }})) as odds,
    cast({{ var('load_seq') }} as integer) as known_seq
from tried
inner join usual on {{ habit_of('tried.class_group') }} = usual.habit and tried.span = usual.span
group by tried.class_group, tried.span
