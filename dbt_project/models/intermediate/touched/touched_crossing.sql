select
    touched.person_id,
    crossing.* exclude (is_citizen_stripped, known_from_seq, known_to_seq)
from ({{ wide_rows(
    ref('crossing_event_history'), 'kept', 'kept.known_to_seq is null',
    'inner join ' ~ ref('touched_observation') ~ ' as touched on kept.observation_id = touched.observation_id'
    ~ ' inner join ' ~ ref('touched_period')
    ~ ' as period on touched.person_id = period.person_id and kept.event_on >= period.computed_from'
) }}) as crossing
inner join {{ ref('touched_observation') }} as touched on crossing.observation_id = touched.observation_id
