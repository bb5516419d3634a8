{{ config(alias='stay_history', meta={'publish': {'analysis': 'registry.stay_history'}}) }}

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
    fact.pairing,
    {{ presence('fact.ended_on', 'fact.last_sign_on', last_covered_day()) }} as presence,
    {{ silent_since('fact') }} as silent_since,
    {{ presence_class('fact', 'fact.last_sign_on') }} as presence_class,
    {{ presence_probability('fact.ended_on', silent_since('fact'), 'chance') }} as presence_probability,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('stay_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
left join chance
    on
        {{ presence_class('fact', 'fact.last_sign_on') }} = chance.presence_class
        and {{ days_silent('fact.last_sign_on') }} = chance.days
