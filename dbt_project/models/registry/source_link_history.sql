{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'link', 'publish': {'restricted': 'registry.source_link_history'}
}) }}

select
    record.feed,
    record.record_id,
    link.person_id,
    {{ opened_now() }}
from {{ ref('source_record') }} as record
inner join {{ ref('touched_record') }} as touched
    on record.feed = touched.feed and record.record_id = touched.record_id
left join {{ source('linkage', 'person_observation') }} as link
    on record.observation_id = link.observation_id and link.known_to_seq is null
