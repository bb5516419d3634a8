{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- To those who left on record and have not come back, as many have left unrecorded and not come back as, of those who
    came back, had left unrecorded to the others, told apart by how long nothing has been heard of them; and exits that are
    still to be reported. All others who are silent are here. Ten persons who are either hold the odds of all at those of the model where few are seen,
    and ten those of a group at those of all. -#}

with ended as (
    select
        class_group,
        {{ silence_span(last_covered_day() ~ ' - silent_since') }} as span,
        sum(change) as away
    from {{ ref('ended_stay_delta') }}
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
        (coalesce(sum(change) filter (where ending = 'unrecorded_back'), 0) + 5)
        / (coalesce(sum(change) filter (where ending = 'recorded_back'), 0) + 95) as to_a_recorded
    from {{ ref('ended_stay_delta') }}
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

-- Those of all groups together, who lean on the model; then each group, which leans on all.
of_all as (
    select
        each.span,
        given.odds,
        sum(each.persons * {{ gone_chance('each.chance', 'given.odds') }}) as persons
    from given
    cross join (
        select
            span,
            chance,
            persons
        from cell
        union all
        select
            unnest(['weeks', 'months', 'longer']) as span,
            0.5 as chance,
            10 as persons
    ) as each
    group by each.span, given.odds
),

usual as (
    select
        of_all.span,
        arg_min(of_all.odds, abs(of_all.persons - 5 - wanted.persons)) as odds
    from of_all
    inner join (
        select
            span,
            sum(persons) as persons
        from looked_for
        group by span
    ) as wanted on of_all.span = wanted.span
    group by of_all.span
),

tried as (
    select
        looked_for.class_group,
        looked_for.span,
        given.odds,
        any_value(looked_for.persons) as looked_for,
        coalesce(sum(cell.persons * {{ gone_chance('cell.chance', 'given.odds') }}), 0)
        + 10 * {{ gone_chance('0.5', 'given.odds / any_value(usual.odds)') }} - 5 as persons
    from looked_for
    cross join given
    inner join usual on looked_for.span = usual.span
    left join cell on looked_for.class_group = cell.class_group and looked_for.span = cell.span
    group by looked_for.class_group, looked_for.span, given.odds
)

select
    class_group,
    span,
    arg_min(odds, abs(persons - looked_for)) as odds,
    cast({{ var('load_seq') }} as integer) as known_seq
from tried
group by class_group, span
