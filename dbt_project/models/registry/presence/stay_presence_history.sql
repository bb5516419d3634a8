{{ config(materialized='view', meta={'publish': {'restricted': 'registry.stay_history'}}) }}

with chance as (
    {{ chance_now() }}
)

select
    stay.* exclude (known_from_seq, known_to_seq),
    held.departed_on,
    {{ presence('least(stay.ended_on, held.departed_on)', 'stay.last_sign_on', last_covered_day()) }} as presence,
    {{ silent_since('stay') }} as silent_since,
    {{ presence_class('stay') }} as presence_class,
    {{ presence_probability('least(stay.ended_on, held.departed_on)', silent_since('stay'), 'chance') }}
        as presence_probability,
    {{ control_facts('held', 'stay', 'least(stay.left_on, held.departed_on)', 'held.acts_on[-1]', 'asked.day') }},
    held.ground,
    greatest(stay.known_from_seq, held.known_from_seq) as known_from_seq,
    least(stay.known_to_seq, held.known_to_seq) as known_to_seq
from {{ ref('stay_history') }} as stay
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('stay_right_history') }} as held
    on {{ right_on('held', 'stay', 'asked.day') }}
left join {{ source('presence', 'age') }} as silence
    on {{ days_silent('stay.last_sign_on') }} = silence.days
left join chance
    on
        {{ presence_class('stay') }} = chance.presence_class
        and silence.band = chance.band
left join ({{ rule_windows() }}) as window_of on held.rule_id = window_of.rule_id
