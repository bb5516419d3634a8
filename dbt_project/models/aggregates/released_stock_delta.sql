{{ config(meta={'publish': {'aggregates': 'statistics.stock_delta', 'analysis': 'statistics.stock_delta'}}) }}

select
    valid_day,
    {{ released_citizenship('citizenship') }} as citizenship,
    sex,
    age_group,
    {{ counted_category('category') }} as category,
    region,
    district,
    {{ released_purpose('purpose') }} as purpose,
    indicator,
    cast(sum(change) as bigint) as change,
    known_seq
from {{ ref('stock_delta') }}
group by all
having sum(change) <> 0
