{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'statistics.stock_delta', 'analysis': 'statistics.stock_delta'
}}) }}
-- depends_on: {{ ref('small_citizenship') }}, {{ ref('small_citizenship_history') }}

select
    valid_day,
    {{ counted_citizenship('released_citizenship') }} as citizenship,
    sex,
    age_group,
    {{ counted_category('category') }} as category,
    region,
    district,
    {{ released_purpose('purpose') }} as purpose,
    indicator,
    cause,
    {{ silence_columns() | join(',\n    ') }},
    cast(sum(change) as bigint) as change,
    known_seq
from ({{ released_deltas('stock_delta') }}) as exact
group by all
having sum(change) <> 0
