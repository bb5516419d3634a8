{{ config(materialized='view', meta={'publish': {'restricted': 'registry.stay_history'}}) }}

with departure as (
    select
        stay.stay_id,
        min(event.event_on) as departed_on
    from {{ ref('stay_history') }} as stay
    inner join {{ ref('case_history') }} as event
        on stay.person_id = event.person_id and event.event_on >= stay.last_sign_on
    where
        stay.known_to_seq is null and event.known_to_seq is null
        and event.event in ('expulsion_executed', 'left_voluntarily', 'departed')
        and coalesce(event.event_on <= stay.ended_on, true)
    group by stay.stay_id
),

chance as (
    {{ chance_now() }}
)

select
    stay.* exclude (known_from_seq, known_to_seq),
    departure.departed_on,
    {{ presence('least(stay.ended_on, departure.departed_on)', 'stay.last_sign_on', last_covered_day()) }} as presence,
    {{ silent_since('stay') }} as silent_since,
    {{ presence_class('stay', 'stay.last_sign_on') }} as presence_class,
    {{ presence_probability('least(stay.ended_on, departure.departed_on)', silent_since('stay'), 'chance') }}
        as presence_probability,
    {{ control_facts('held', 'stay', 'least(stay.left_on, departure.departed_on)', 'held.acts_on[-1]', 'asked.day') }},
    held.ground,
    greatest(stay.known_from_seq, held.known_from_seq) as known_from_seq,
    least(stay.known_to_seq, held.known_to_seq) as known_to_seq
from {{ ref('stay_history') }} as stay
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('stay_right_history') }} as held
    on {{ right_on('held', 'stay', 'asked.day') }}
left join departure on stay.stay_id = departure.stay_id
left join chance
    on
        {{ presence_class('stay', 'stay.last_sign_on') }} = chance.presence_class
        and {{ days_silent('stay.last_sign_on') }} = chance.days
left join ({{ rule_windows() }}) as window_of on held.rule_id = window_of.rule_id
