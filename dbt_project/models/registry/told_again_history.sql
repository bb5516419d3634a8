{#- Nobody leaves, comes back unseen and leaves again by one post within an hour. Days are apart, as periods are. -#}
{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['record_id'], meta={
    'scope': 'period', 'since': 'event_on'
}) }}
-- depends_on: {{ ref('touched_period') }}

select
    person_id,
    record_id,
    event_on,
    {{ opened_now() }}
from {{ ref('touched_crossing') }}
where direction in ('entry', 'exit')
window course as (partition by person_id, event_on order by event_at, record_id)
qualify
    direction = lag(direction) over course and post_code = lag(post_code) over course
    and event_at < lag(event_at) over course + interval 1 hour
