{{ config(alias='placement_history', meta={'publish': {'analysis': 'registry.placement_history'}}) }}

select
    key.person_key,
    fact.region,
    fact.district,
    {{ released_host_type('fact.host_type') }} as host_type,
    fact.basis_feed,
    fact.confidence,
    fact.valid_from,
    fact.valid_to,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('released_placement_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
