{{ config(alias='residence_move_history', meta={'publish': {'analysis': 'registry.residence_move_history'}}) }}

{#- A state that few have moved from or to could name a person, as a small citizenship could. -#}
with common as (
    select moved.country
    from {{ ref('residence_move_history') }} as fact
    cross join lateral (values (fact.from_country), (fact.to_country)) as moved (country)
    where fact.known_to_seq is null
    group by moved.country
    having count(distinct fact.person_id) >= 100
)

select
    key.person_key,
    fact.direction,
    fact.moved_on,
    {% for end in ['from', 'to'] %}
    case
        when fact.{{ end }}_country is null then '_U'
        when fact.{{ end }}_country in (select common.country from common) then fact.{{ end }}_country
        else '_R'
    end as {{ end }}_country,
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
