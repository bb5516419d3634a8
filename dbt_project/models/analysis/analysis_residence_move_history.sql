{{ config(alias='residence_move_history', meta={'publish': {'analysis': 'registry.residence_move_history'}}) }}

with common as (
    {{ common_states() }}
)

select
    key.person_key,
    fact.direction,
    fact.moved_on,
    {% for end in ['from', 'to'] %}
    {{ released_state('fact.' ~ end ~ '_country') }} as {{ end }}_country,
    fact.{{ end }}_region,
    fact.{{ end }}_district,
    fact.{{ end }}_settlement,
    {% endfor %}
    if(fact.cause in ('ethnic', 'conflict'), 'other', fact.cause) as cause,
    fact.education_isced,
    fact.occupation_isco,
    fact.sector_nace,
    fact.intended_months,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('residence_move_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
