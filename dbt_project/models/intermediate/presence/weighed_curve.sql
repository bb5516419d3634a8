{{ config(materialized='incremental', incremental_strategy='made_anew') }}
{#- A first sign without an entry comes of two ways: the person was here as the border began to tell, or entered since,
    unrecorded. `standing_odds` says how many times likelier the first of them is in this home than in the model. Who is silent
    is here or has left unseen: `gone_odds` says the same of the second, and how much more widely than by chance alone the
    number of those who are here scatters. Beside one who was here before a first sign that is an exit, others were who left
    unrecorded: `unheard_share` says how many. -#}
{%- if curves_differ() %}
with known as (
    select
        span,
        known_seq,
        odds,
        sway,
        lag((odds, sway)) over (partition by span order by known_seq) as before
    from {{ ref('standing_odds') }}
),

weighed as (
    select
        span,
        odds,
        sway,
        if(before is null, 1, known_seq) as from_seq,
        lead(known_seq) over (partition by span order by known_seq) as to_seq
    from known
    where (odds, sway) is distinct from before
),

known_unheard as (
    select
        known_seq,
        to_a_recorded,
        sway,
        lag((to_a_recorded, sway)) over (order by known_seq) as before
    from {{ ref('unheard_share') }}
),

unheard as (
    select
        to_a_recorded,
        sway,
        if(before is null, 1, known_seq) as from_seq,
        lead(known_seq) over (order by known_seq) as to_seq
    from known_unheard
    where (to_a_recorded, sway) is distinct from before
),

known_gone as (
    select
        class_group,
        span,
        known_seq,
        odds,
        dispersion,
        sway,
        lag((odds, dispersion, sway)) over (partition by class_group, span order by known_seq) as before
    from {{ ref('gone_odds') }}
),

gone as (
    select
        class_group,
        span,
        odds,
        dispersion,
        sway,
        if(before is null, 1, known_seq) as from_seq,
        lead(known_seq) over (partition by class_group, span order by known_seq) as to_seq
    from known_gone
    where (odds, dispersion, sway) is distinct from before
),

length as (
    select
        band,
        {{ silence_span('min(days)') }} as span
    from {{ source('presence', 'age') }}
    group by band
),

silent_chance as (
    select
        curve.model_version,
        greatest(curve.known_from_seq, gone.from_seq) as known_from_seq,
        least(curve.known_to_seq, gone.to_seq) as known_to_seq,
        curve.presence_class,
        curve.ending,
        curve.band,
        curve.silent_band,
        {{ weighed_silence('curve.probability', 'gone.odds') }} as probability,
        {{ weighed_silence('curve.lower', 'gone.odds') }} as lower,
        {{ weighed_silence('curve.upper', 'gone.odds') }} as upper,
        gone.dispersion,
        gone.sway
    from {{ source('presence', 'curve') }} as curve
    inner join length on curve.silent_band = length.band
    inner join gone
        on
            {{ class_group('curve.presence_class') }} = gone.class_group and length.span = gone.span
            and coalesce(curve.known_from_seq < gone.to_seq, true)
            and coalesce(gone.from_seq < curve.known_to_seq, true)
    where curve.ending = 'open'
    window
        silent as (
            partition by curve.known_from_seq, gone.from_seq, curve.presence_class, curve.silent_band
            order by curve.band rows between unbounded preceding and unbounded following
        )
),

unseen_chance as (
    select
        curve.model_version,
        greatest(curve.known_from_seq, weighed.from_seq) as known_from_seq,
        least(curve.known_to_seq, weighed.to_seq) as known_to_seq,
        curve.presence_class,
        curve.ending,
        curve.band,
        curve.silent_band,
        {{ weighed_chance('curve.probability', 'weighed.odds') }} as probability,
        {{ weighed_chance('curve.lower', 'weighed.odds') }} as lower,
        {{ weighed_chance('curve.upper', 'weighed.odds') }} as upper,
        1 as dispersion,
        weighed.sway
    from {{ source('presence', 'curve') }} as curve
    inner join length on curve.silent_band = length.band
    inner join weighed
        on
            length.span = weighed.span
            and coalesce(curve.known_from_seq < weighed.to_seq, true)
            and coalesce(weighed.from_seq < curve.known_to_seq, true)
    where curve.ending = 'unseen'
    window
        unseen as (
            partition by curve.known_from_seq, weighed.from_seq, curve.presence_class, curve.silent_band
            order by curve.band rows between unbounded preceding and unbounded following
        )
),

by_home as (
    select * from silent_chance
    union all by name
    select * from unseen_chance
),

-- Each is weighed by its own ends, so that a bound could come to lie on the other side of the chance.
bounded as (
    select
        * exclude (dispersion, sway, lower, upper),
        {{ bounds_of_home('probability', 'lower', 'upper', 'sway') }},
        {{ scatter_of('probability', 'dispersion') }} as variance
    from by_home
),

unheard_chance as (
    select
        bounded.* exclude (known_from_seq, known_to_seq, presence_class, probability, lower, upper, variance),
        greatest(bounded.known_from_seq, unheard.from_seq) as known_from_seq,
        least(bounded.known_to_seq, unheard.to_seq) as known_to_seq,
        {{ unheard_class('bounded.presence_class') }} as presence_class,
        cast(bounded.probability * unheard.to_a_recorded as decimal(5, 4)) as probability,
        bounded.lower * unheard.to_a_recorded as lower,
        bounded.upper * unheard.to_a_recorded as upper,
        unheard.sway
    from bounded
    inner join unheard
        on
            coalesce(bounded.known_from_seq < unheard.to_seq, true)
            and coalesce(unheard.from_seq < bounded.known_to_seq, true)
    where bounded.ending = 'unseen'
)

select * from bounded
union all by name
select
    * exclude (sway, lower, upper),
    {{ bounds_of_home('probability', 'lower', 'upper', 'sway') }},
    {{ scatter_of('probability') }} as variance
from unheard_chance
union all by name
select
    *,
    {{ scatter_of('probability') }} as variance
from {{ source('presence', 'curve') }}
where ending <> 'unseen' and (ending <> 'open' or starts_with(presence_class, 'paper:'))
{%- else %}
select * from {{ this }}
where false
{%- endif %}
