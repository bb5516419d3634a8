{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'person'}) }}

with released as (
    select
        person_id,
        {{ released_category('category') }} as category,
        valid_from,
        valid_to,
        1 as claim_rank,
        valid_from as claim_order
    from {{ ref('person_category_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
)

select
    person_id,
    category,
    valid_from,
    valid_to,
    {{ opened_now() }}
from ({{ best_claims('released', ['category']) }}) as best
