{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id'],
    meta={'scope': 'person'}
) }}
-- depends_on: {{ ref('touched_person') }}

select
    base.person_id,
    {{ birth_band('base.birth_date') }} as birth_band,
    base.sex,
    base.citizenship,
    base.nationality_status,
    base.acted_on,
    base.former_citizenship,
    base.former_nationality_status,
    base.birth_country,
    base.open_first_seen_on as first_seen_on,
    base.open_last_seen_on as last_seen_on,
    base.open_source_count as source_count,
    {{ opened_now() }}
from {{ ref('person_base') }} as base
where base.open_source_count > 0
