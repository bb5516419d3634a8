{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'person'}) }}

with latest as (
    select
        person_id,
        arg_max(category, valid_from) as category
    from {{ ref('released_category_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    group by person_id
)

select
    base.person_id,
    {{ birth_band('base.birth_date') }} as birth_band,
    base.sex,
    base.citizenship,
    base.nationality_status,
    base.birth_country,
    latest.category,
    base.open_first_seen_on as first_seen_on,
    base.open_last_seen_on as last_seen_on,
    base.open_source_count as source_count,
    {{ opened_now() }}
from {{ ref('person_base') }} as base
left join latest on base.person_id = latest.person_id
where base.open_source_count > 0
