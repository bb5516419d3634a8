{{ config(materialized='view', meta={'publish': {'restricted': 'registry.stay_history'}}) }}

with stay as (
    {{ stays_with_rights(ref('stay_history'), 'least(stay.left_on, held.departed_on)') }}
),

chance as (
    {{ chance_now() }}
)

select
    stay.stay_id,
    stay.person_id,
    stay.entered_on,
    stay.is_born_here,
    stay.left_on,
    stay.entry_post,
    stay.exit_post,
    stay.purpose,
    stay.citizenship,
    stay.signs_on,
    stay.filed_only_on,
    stay.first_sign_on,
    stay.last_sign_on,
    stay.first_paper,
    stay.last_paper,
    stay.usual_days,
    stay.numbered_on,
    stay.ended_unknown_on,
    stay.moved_away_on,
    stay.died_on,
    stay.ended_on,
    stay.absent_on,
    stay.pairing,
    stay.departed_on,
    {{ presence('least(stay.ended_on, stay.departed_on)', 'stay.last_sign_on', 'stay.day') }} as presence,
    stay.silent_since,
    stay.presence_class,
    {{ presence_probability('least(stay.ended_on, stay.departed_on)', 'stay.silent_since', 'chance') }}
        as presence_probability,
    {{ control_facts('stay', 'stay.last_act_on') }},
    stay.ground,
    stay.known_from_seq,
    stay.known_to_seq
from stay
left join {{ source('presence', 'age') }} as silence
    on {{ days_silent('stay.last_sign_on') }} = silence.days
left join chance
    on
        stay.presence_class = chance.presence_class
        and silence.band = chance.band
left join ({{ rule_windows() }}) as window_of on stay.rule_id = window_of.rule_id
