{{ config(alias='labour_engagement_history', meta={'publish': {'analysis': 'registry.labour_engagement_history'}}) }}

select
    key.person_key,
    fact.basis_feed,
    fact.scheme,
    fact.category,
    if(fact.employer_bin is null, null, build.meta.pseudonym('employer' || fact.employer_bin)) as employer_key,
    fact.occupation_isco,
    fact.region,
    fact.valid_from,
    fact.valid_to,
    fact.ended_on,
    fact.departed_on,
    fact.flags,
    fact.known_from_seq,
    fact.known_to_seq
from {{ ref('labour_engagement_history') }} as fact
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
