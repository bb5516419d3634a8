{{ config(alias='stay_right_history', meta={'publish': {'analysis': 'registry.stay_right_history'}}) }}

select
    key.person_key,
    hash(key.person_key) as person_number,
    build.meta.pseudonym('stay' || fact.stay_id) as stay_key,
    fact.entered_on,
    fact.left_on,
    fact.ended_on,
    fact.ended_unknown_on,
    fact.last_sign_on,
    held.valid_from,
    held.valid_to,
    held.allowed_until,
    held.rule_id,
    {{ released_ground('held.ground') }} as ground,
    held.counter,
    held.last_act_on is not null as is_proved,
    {{ told_departure('held', 'fact') }} as over_on,
    held.counted_from,
    held.counted_until,
    greatest(fact.known_from_seq, held.known_from_seq) as known_from_seq,
    least(fact.known_to_seq, held.known_to_seq) as known_to_seq
from {{ ref('stay_history') }} as fact
inner join ({{ rights_by_last_act() }}) as held
    on
        fact.stay_id = held.stay_id
        and coalesce(held.known_from_seq < fact.known_to_seq, true)
        and coalesce(fact.known_from_seq < held.known_to_seq, true)
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
