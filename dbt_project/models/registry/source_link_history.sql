{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['feed', 'record_id'], meta={
    'scope': 'link', 'publish': {'restricted': 'registry.source_link_history'}
}) }}

select
    touched.feed,
    touched.record_id,
    link.person_id,
    {{ opened_now() }}
from {{ ref('touched_record') }} as touched
left join {{ source('linkage', 'person_observation') }} as link
    on touched.observation_id = link.observation_id and link.known_to_seq is null
where touched.observation_id is not null
