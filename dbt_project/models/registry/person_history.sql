{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'person', 'publish': {'restricted': 'registry.person_history'}
}) }}

with latest as (
    select
        person_id,
        arg_max(category, valid_from) as category
    from {{ ref('person_category_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    group by person_id
)

select
    base.person_id,
    base.birth_date,
    base.sex,
    base.citizenship,
    base.nationality_status,
    base.birth_country,
    latest.category,
    base.first_seen_on,
    base.last_seen_on,
    base.source_count,
    {{ opened_now() }}
from {{ ref('person_base') }} as base
left join latest on base.person_id = latest.person_id
