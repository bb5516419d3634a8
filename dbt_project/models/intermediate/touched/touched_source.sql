select
    touched.person_id,
    record.observation_id,
    record.feed,
    count(*) as records,
    min(record.happened_on) as first_on,
    max(record.happened_on) as last_on
from {{ ref('source_record') }} as record
inner join {{ ref('touched_observation') }} as touched on record.observation_id = touched.observation_id
group by touched.person_id, record.observation_id, record.feed
