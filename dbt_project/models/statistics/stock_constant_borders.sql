{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.stock_constant_borders', 'analysis': 'statistics.stock_constant_borders'
}}) }}
{#- Between two changes of borders lies an era. A figure goes from era to era until that of the vintage: forward by the
    weights of `territory_link`, backward whole, for what a region became came of that region alone. -#}
with recursive change as (
    select
        valid_from,
        row_number() over (order by valid_from) as era
    from {{ ref('territory_link') }}
    where level = 'region'
    group by valid_from
),

step as (
    select
        1 as direction,
        change.era - 1 as from_era,
        told.from_kato,
        told.to_kato,
        told.weight
    from {{ ref('territory_link') }} as told
    inner join change on told.valid_from = change.valid_from
    where told.level = 'region'
    union all
    select
        -1 as direction,
        change.era as from_era,
        told.to_kato as from_kato,
        told.from_kato as to_kato,
        1 as weight
    from {{ ref('territory_link') }} as told
    inner join change on told.valid_from = change.valid_from
    where told.level = 'region'
),

vintage as (
    select
        era,
        valid_from as vintage
    from change
    union all
    select
        0 as era,
        min(valid_from) - 1 as vintage
    from change
    having min(valid_from) is not null
),

stock as materialized (
    select
        told.period,
        coalesce(max(change.era), 0) as era,
        told.region,
        told.indicator,
        any_value(told.value) as value,
        any_value(told.lower) as lower,
        any_value(told.upper) as upper,
        any_value(told.variance) as variance
    from (
        select
            period,
            region,
            indicator,
            sum(value) as value,
            sum(lower) as lower,
            sum(upper) as upper,
            sum(variance) as variance
        from {{ ref('stock') }}
        where cube = 'region_category'
        group by all
    ) as told
    left join change on told.period >= change.valid_from
    group by told.period, told.region, told.indicator
),

path as (
    select distinct
        era,
        era as era_of_borders,
        region,
        region as kato,
        cast(1 as double) as weight,
        0 as direction
    from stock
    union all
    select
        path.era,
        path.era_of_borders + side.direction as era_of_borders,
        path.region,
        coalesce(step.to_kato, path.kato) as kato,
        path.weight * coalesce(step.weight, 1) as weight,
        side.direction
    from path
    inner join (values (1), (-1)) as side (direction)
        on path.direction in (0, side.direction)
    left join step
        on
            side.direction = step.direction and path.era_of_borders = step.from_era
            and path.kato = step.from_kato
    where path.era_of_borders + side.direction between 0 and (select max(change.era) from change)
)

select
    stock.period,
    vintage.vintage,
    path.kato as region,
    stock.indicator,
    sum(stock.value * path.weight) as value,
    sum(stock.lower * path.weight) as lower,
    sum(stock.upper * path.weight) as upper,
    sum(stock.variance * path.weight * path.weight) as variance,
    'E' as obs_status,
    {{ known_now() }} as known_seq
from stock
inner join path on stock.era = path.era and stock.region = path.region
inner join vintage on path.era_of_borders = vintage.era
group by stock.period, vintage.vintage, path.kato, stock.indicator
