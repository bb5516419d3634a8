{{ config(alias='person_history', meta={'publish': {'analysis': 'registry.person_history'}}) }}

select
    key.person_key,
    fact.birth_band,
    fact.sex,
    {{ released_citizenship('fact.citizenship') }} as citizenship,
    fact.nationality_status,
    {{ released_citizenship('fact.birth_country') }} as birth_country,
    fact.category,
    fact.first_seen_on,
    fact.last_seen_on,
    fact.source_count,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('released_person_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
