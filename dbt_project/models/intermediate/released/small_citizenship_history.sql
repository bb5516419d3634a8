{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'all'}) }}

select
    citizenship,
    {{ opened_now() }}
from {{ ref('person') }}
where citizenship is not null
group by citizenship
having count(*) < 100
