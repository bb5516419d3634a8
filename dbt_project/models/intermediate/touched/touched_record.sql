select
    record.feed,
    record.record_id
from {{ ref('source_record_history') }} as record
where
    {{ flags.FULL_REFRESH or lacks_history() }}
    or record.known_from_seq = {{ var('load_seq') }} or record.known_to_seq = {{ var('load_seq') }}
    or record.observation_id in (
        select link.observation_id
        from {{ source('linkage', 'person_observation') }} as link
        where
            link.known_from_seq = {{ var('load_seq') }} or link.known_to_seq = {{ var('load_seq') }}
            or link.person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    )
group by record.feed, record.record_id
