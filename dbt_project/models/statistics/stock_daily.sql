{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock_daily', 'analysis': 'statistics.stock_daily'
}}) }}

with covered as (
    {{ covered_days() }}
),

step as (
    {{ silence_steps(ref('released_stock_delta'), ['citizenship', 'region']) }}
),

change as (
    select
        greatest(valid_day, (select min(period) from covered)) as period,
        citizenship,
        region,
        {{ stock_sums() }}
    from (
        select
            valid_day,
            citizenship,
            region,
            indicator,
            change
        from {{ ref('released_stock_delta') }}
        where indicator not in ('silent', 'unseen')
        union all by name
        from step
    ) as signed
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
        {{ stock_running('change') }}
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
    period,
    citizenship,
    region,
    {{ stock_measures('stock') }},
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from stock
{{ stock_indicators() }}
