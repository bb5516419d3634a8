{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock', 'analysis': 'statistics.stock'
}}) }}

with measured as (
    select
        month.period,
        month.cube,
        {{ stock_dimensions() | join(',\n        ') }},
        month.cube = 'protected_region' and month.confirmed + month.unknown - month.less < 10 as is_withheld,
        {{ stock_measures('month') }}
    from {{ ref('stock_month') }} as month
    {{ stock_indicators() }}
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
    {{ stock_dimensions() | join(',\n    ') }}
from measured
