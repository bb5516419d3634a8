{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'observation_id', 'feed'],
    meta={
    'scope': 'person', 'publish': {'restricted': 'registry.identity_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

select
    source.person_id,
    source.observation_id,
    source.feed,
    {% for column in identity_columns() %}
    observation.{{ column }},
    {% endfor %}
    observation.iin_verified as is_iin_verified,
    {{ opened_now() }}
from {{ ref('touched_source') }} as source
inner join {{ ref('observation') }} as observation on source.observation_id = observation.observation_id
