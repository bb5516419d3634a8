{{ config(materialized='view') }}

select
    touched.person_id,
    civil.record_id,
    'death' as kind,
    civil.event_on as happened_on
from {{ ref('civil_event') }} as civil
inner join {{ ref('touched_observation') }} as touched on civil.observation_id = touched.observation_id
where civil.event = 'death'
union all
select
    touched.person_id,
    move.record_id,
    'emigration' as kind,
    move.moved_on as happened_on
from {{ ref('move_event') }} as move
inner join {{ ref('touched_observation') }} as touched on move.observation_id = touched.observation_id
where move.direction = 'emigration'
