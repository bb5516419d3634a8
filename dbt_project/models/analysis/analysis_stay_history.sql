{{ config(alias='stay_history', meta={'publish': {'analysis': 'registry.stay_history'}}) }}

{#- An event of enforcement proves an overstay, or ends one, but its day is not told here. -#}
{%- set told_act = 'list_filter(' ~ acts_of('fact') ~ ', lambda act_on: act_on > fact.allowed_until)[-1]' %}
{#- Keys are joined first: after all else it costs as much as what control says. -#}
with keyed as (
    select
        stay.*,
        key.person_key
    from {{ ref('stay_history') }} as stay
    inner join {{ source('meta', 'person_key') }} as key on stay.person_id = key.person_id
),

fact as (
    {{ stays_with_rights('keyed', 'least(stay.left_on, ' ~ told_departure('held', 'stay') ~ ')') }}
),

chance as (
    {{ chance_now() }}
)

select
    build.meta.pseudonym('stay' || fact.stay_id) as stay_key,
    fact.person_key,
    fact.entered_on,
    fact.left_on,
    fact.entry_post,
    fact.exit_post,
    {{ released_purpose('fact.purpose') }} as purpose,
    {{ released_citizenship('fact.citizenship') }} as citizenship,
    fact.signs_on,
    fact.first_sign_on,
    fact.last_sign_on,
    fact.ended_unknown_on,
    fact.ended_on,
    fact.absent_on,
    fact.pairing,
    {{ presence('fact.ended_on', 'fact.last_sign_on', 'fact.day') }} as presence,
    fact.silent_since,
    fact.presence_class,
    if(fact.first_sign_on >= fact.died_on, null, {{ unseen_class('fact') }}) as unseen_class,
    {{ presence_probability('fact.ended_on', 'fact.silent_since', 'chance') }} as presence_probability,
    {{ control_facts('fact', told_act) }},
    {{ released_ground('fact.ground') }} as ground,
    fact.known_from_seq,
    fact.known_to_seq
from fact
left join {{ source('presence', 'age') }} as silence
    on {{ days_silent('fact.last_sign_on') }} = silence.days
left join chance
    on
        fact.presence_class = chance.presence_class
        and silence.band = chance.band
left join ({{ rule_windows() }}) as window_of on fact.rule_id = window_of.rule_id
