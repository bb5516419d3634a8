{{ config(meta={'publish': {'aggregates': 'statistics.flow_delta', 'analysis': 'statistics.flow_delta'}}) }}

select
    valid_day,
    direction,
    {{ released_citizenship('citizenship') }} as citizenship,
    post_code,
    indicator,
    cast(sum(change) as bigint) as change,
    known_seq
from {{ ref('flow_delta') }}
group by all
having sum(change) <> 0
