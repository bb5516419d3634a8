{{ config(alias='person_category_history', meta={'publish': {'analysis': 'registry.person_category_history'}}) }}

select
    key.person_key,
    fact.category,
    fact.valid_from,
    fact.valid_to,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('released_category_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
