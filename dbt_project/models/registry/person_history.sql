{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id'],
    meta={'scope': 'person'}
) }}
-- depends_on: {{ ref('touched_person') }}

select
    base.person_id,
    base.birth_date,
    base.sex,
    base.citizenship,
    base.nationality_status,
    base.acted_on,
    base.former_citizenship,
    base.former_nationality_status,
    base.birth_country,
    base.first_seen_on,
    base.last_seen_on,
    base.source_count,
    {{ opened_now() }}
from {{ ref('person_base') }} as base
