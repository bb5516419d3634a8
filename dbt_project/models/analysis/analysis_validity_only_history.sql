{{ config(alias='validity_only_history', meta={'publish': {'analysis': 'registry.validity_only_history'}}) }}

select
    key.person_key,
    {{ released_citizenship('fact.citizenship') }} as citizenship,
    fact.presence_class,
    fact.valid_from,
    fact.valid_to,
    fact.is_first,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('validity_only_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
