with record as (
    select
        touched.person_id,
        told.*,
        told.feed not in ({{ restricted_feeds() }})
        and (told.feed <> 'residence_permits' or told.record_id not in ({{ permits_untold() }})) as is_open
    from {{ ref('source_record') }} as told
    inner join {{ ref('touched_observation') }} as touched on told.observation_id = touched.observation_id
)

select
    person_id,
    observation_id,
    feed,
    count(*) as records,
    min(happened_on) as first_on,
    max(happened_on) as last_on,
    min(happened_on) filter (where is_open) as open_first_on,
    max(happened_on) filter (where is_open) as open_last_on
from record
group by person_id, observation_id, feed
