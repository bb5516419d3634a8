{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['citizenship'],
    meta={'scope': 'all'}
) }}

select
    citizenship,
    {{ opened_now() }}
from {{ ref('person_history') }}
where known_to_seq is null and citizenship is not null
group by citizenship
having count(*) < 100
