{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'person', 'publish': {'restricted': 'registry.identity_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

with source as (
    select
        touched.person_id,
        touched.observation_id,
        record.feed
    from {{ ref('touched_observation') }} as touched
    inner join {{ ref('source_record') }} as record on touched.observation_id = record.observation_id
    group by touched.person_id, touched.observation_id, record.feed
)

select
    source.person_id,
    source.observation_id,
    source.feed,
    {% for column in identity_columns() %}
    observation.{{ column }},
    {% endfor %}
    observation.iin_verified as is_iin_verified,
    {{ opened_now() }}
from source
inner join {{ ref('observation') }} as observation on source.observation_id = observation.observation_id
