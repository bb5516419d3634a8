{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock_daily', 'analysis': 'statistics.stock_daily'
}}) }}

with covered as (
    {{ covered_days() }}
),

change as (
    select
        greatest(valid_day, (select min(period) from covered)) as period,
        citizenship,
        region,
        sum(if(indicator = 'present_confirmed', change, 0)) as confirmed,
        sum(if(indicator = 'presence_unknown', change, 0)) as unknown
    from {{ ref('released_stock_delta') }}
    where valid_day <= (select max(period) from covered)
    group by all
),

cell as (
    select distinct
        citizenship,
        region
    from change
),

stock as (
    select
        covered.period,
        cell.citizenship,
        cell.region,
        sum(coalesce(change.confirmed, 0)) over running as confirmed,
        sum(coalesce(change.unknown, 0)) over running as unknown
    from covered
    cross join cell
    left join change
        on
            covered.period = change.period
            and cell.citizenship = change.citizenship
            and cell.region = change.region
    window running as (partition by cell.citizenship, cell.region order by covered.period)
)

select
    stock.period,
    stock.citizenship,
    stock.region,
    indicator.indicator,
    cast(case indicator.indicator when 'presence_unknown' then unknown else confirmed end as double) as value,
    cast(if(indicator.indicator = 'stock', confirmed, null) as double) as lower,
    cast(if(indicator.indicator = 'stock', confirmed + unknown, null) as double) as upper,
    'P' as obs_status,
    {{ known_now() }} as known_seq
from stock
cross join (values ('stock'), ('present_confirmed'), ('presence_unknown')) as indicator (indicator)
