{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.citizen_records', 'analysis': 'statistics.citizen_records'
}}) }}

select
    happened_on as period,
    feed,
    region,
    post_code,
    'citizen_records' as indicator,
    cast(sum(citizens) as double) as value,
    {{ known_now() }} as known_seq
from {{ ref('counted_arrival') }}
group by all
having sum(citizens) > 0
