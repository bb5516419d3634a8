select
    touched.person_id,
    crossing.* exclude (observation_id)
from {{ ref('crossing_event') }} as crossing
inner join {{ ref('touched_observation') }} as touched on crossing.observation_id = touched.observation_id
inner join {{ ref('touched_period') }} as period
    on touched.person_id = period.person_id and crossing.event_on >= period.computed_from
