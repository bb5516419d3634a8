{{ config(alias='legal_status_history', meta={'publish': {'analysis': 'registry.legal_status_history'}}) }}

with fact as (
    select
        person_id,
        status,
        basis_feed,
        valid_from,
        valid_to,
        known_from_seq,
        known_to_seq
    from {{ ref('released_legal_status_history') }}
    union all
    select
        person_id,
        'visa_free' as status,
        'border_crossings' as basis_feed,
        valid_from,
        valid_to,
        known_from_seq,
        known_to_seq
    from {{ ref('visa_free_history') }}
)

select
    key.person_key,
    hash(key.person_key) as person_number,
    fact.status,
    fact.basis_feed,
    fact.valid_from,
    fact.valid_to,
    fact.known_from_seq,
    fact.known_to_seq
from fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
