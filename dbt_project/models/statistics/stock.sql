{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock', 'analysis': 'statistics.stock'
}}) }}

with cell as (
    select
        *,
        {% for dimension in described_dimensions() %}
        '_T' as {{ dimension }},
        {% endfor %}
        'present' as population
    from {{ ref('stock_month') }}
    union all by name
    select * from {{ ref('stock_described') }}
),

measured as (
    select
        cell.period,
        cell.cube,
        cell.population,
        {{ (stock_dimensions() + described_dimensions()) | join(',\n        ') }},
        cell.cube = 'protected_region' and cell.confirmed + cell.unknown - cell.less < 10 as is_withheld,
        {{ stock_measures('cell') }}
    from cell
    {{ stock_indicators() }}
    where cell.population = 'present' or indicator.indicator = 'stock'
)

select
    period,
    cube,
    indicator,
    if(is_withheld, null, value) as value,
    if(is_withheld, null, lower) as lower,
    if(is_withheld, null, upper) as upper,
    if(is_withheld, null, variance) as variance,
    if(is_withheld, 'Q', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq,
    {{ (stock_dimensions() + described_dimensions()) | join(',\n    ') }},
    population
from measured
