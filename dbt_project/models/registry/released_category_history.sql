{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'valid_from'],
    meta={'scope': 'person'}
) }}

with released as (
    select
        person_id,
        {{ released_category('category') }} as category,
        valid_from,
        valid_to,
        1 as claim_rank,
        valid_from as claim_order
    from ({{ categories('open_first_seen_on') }}) as exact
)

select
    person_id,
    category,
    valid_from,
    valid_to,
    {{ opened_now() }}
from ({{ best_claims('released', ['category']) }}) as best
