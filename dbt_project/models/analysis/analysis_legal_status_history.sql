{{ config(alias='legal_status_history', meta={'publish': {'analysis': 'registry.legal_status_history'}}) }}

select
    key.person_key,
    fact.status,
    fact.basis_feed,
    fact.valid_from,
    fact.valid_to,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('released_legal_status_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
