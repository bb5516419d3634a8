{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'observation_id', 'feed'],
    meta={'scope': 'person'}
) }}
-- depends_on: {{ ref('touched_person') }}

select
    person_id,
    observation_id,
    feed,
    {{ opened_now() }}
from {{ ref('touched_source') }}
