{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['person_id', 'valid_from'], meta={
    'scope': 'person', 'publish': {'restricted': 'registry.person_category_history'}
}) }}

select
    person_id,
    category,
    valid_from,
    valid_to,
    {{ opened_now() }}
from ({{ categories('first_seen_on') }}) as category
