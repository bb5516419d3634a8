{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock', 'analysis': 'statistics.stock'
}}) }}

with measured as (
    select
        month.* exclude (confirmed, unknown),
        indicator.indicator,
        month.cube = 'protected_region' and month.confirmed < 10 as is_withheld,
        case indicator.indicator when 'presence_unknown' then month.unknown else month.confirmed end as value,
        if(indicator.indicator = 'stock', month.confirmed, null) as lower,
        if(indicator.indicator = 'stock', month.confirmed + month.unknown, null) as upper
    from {{ ref('stock_month') }} as month
    cross join (values ('stock'), ('present_confirmed'), ('presence_unknown')) as indicator (indicator)
)

select
    period,
    cube,
    indicator,
    cast(if(is_withheld, null, value) as double) as value,
    cast(if(is_withheld, null, lower) as double) as lower,
    cast(if(is_withheld, null, upper) as double) as upper,
    if(is_withheld, 'Q', 'P') as obs_status,
    {{ known_now() }} as known_seq,
    {{ stock_dimensions() | join(',\n    ') }}
from measured
