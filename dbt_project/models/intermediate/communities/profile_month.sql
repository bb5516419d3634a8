{{ config(materialized='incremental', incremental_strategy='added_up', meta={'sums': ['persons']}) }}

select
    period,
    region,
    district,
    citizenship,
    birth_country,
    ethnicity,
    host_type,
    cast(sum(sign) as bigint) as persons,
    {{ opened_now() }}
from {{ ref('changed_member') }}
group by all
having sum(sign) <> 0
