select
    link.observation_id,
    link.person_id
from {{ source('linkage', 'person_observation') }} as link
where
    link.known_to_seq is null
    and link.person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
