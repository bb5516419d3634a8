{{ config(alias='event_history', meta={'publish': {'analysis': 'registry.event_history'}}) }}

select
    key.person_key,
    hash(key.person_key) as person_number,
    record.happened_on as at,
    record.feed,
    record.event,
    greatest(record.known_from_seq, link.known_from_seq) as known_from_seq,
    least(record.known_to_seq, link.known_to_seq) as known_to_seq
from {{ ref('source_record_history') }} as record
inner join {{ source('linkage', 'person_observation') }} as link
    on
        record.observation_id = link.observation_id
        and coalesce(link.known_from_seq < record.known_to_seq, true)
        and coalesce(record.known_from_seq < link.known_to_seq, true)
inner join {{ source('meta', 'person_key') }} as key on link.person_id = key.person_id
where
    record.feed in (
        'border_crossings', 'stay_notifications', 'residence_permits', 'labour_permits', 'citizenship_acts',
        'civil_events'
    )
    and (record.feed <> 'residence_permits' or record.record_id not in ({{ permits_untold() }}))
