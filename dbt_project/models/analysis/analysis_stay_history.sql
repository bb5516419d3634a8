{{ config(alias='stay_history', meta={'publish': {'analysis': 'registry.stay_history'}}) }}

{#- An event of enforcement proves an overstay, or ends one, but its day is not told here. -#}
{%- set told_end = 'least(fact.left_on, ' ~ told_departure('held', 'fact') ~ ')' %}
{%- set told_act = 'list_filter(' ~ acts_of('fact') ~ ', lambda act_on: act_on > held.allowed_until)[-1]' %}
with chance as (
    {{ chance_now() }}
)

select
    build.meta.pseudonym('stay' || fact.stay_id) as stay_key,
    key.person_key,
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
    {{ presence('fact.ended_on', 'fact.last_sign_on', last_covered_day()) }} as presence,
    {{ silent_since('fact') }} as silent_since,
    {{ presence_class('fact') }} as presence_class,
    if(fact.first_sign_on >= fact.died_on, null, {{ unseen_class('fact') }}) as unseen_class,
    {{ presence_probability('fact.ended_on', silent_since('fact'), 'chance') }} as presence_probability,
    {{ control_facts('held', 'fact', told_end, told_act, 'asked.day') }},
    {{ released_ground('held.ground') }} as ground,
    greatest(fact.known_from_seq, held.known_from_seq) as known_from_seq,
    least(fact.known_to_seq, held.known_to_seq) as known_to_seq
from {{ ref('stay_history') }} as fact
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('stay_right_history') }} as held on {{ right_on('held', 'fact', 'asked.day') }}
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
left join {{ source('presence', 'age') }} as silence
    on {{ days_silent('fact.last_sign_on') }} = silence.days
left join chance
    on
        {{ presence_class('fact') }} = chance.presence_class
        and silence.band = chance.band
left join ({{ rule_windows() }}) as window_of on held.rule_id = window_of.rule_id
