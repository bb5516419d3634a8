{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.host_ratio', 'analysis': 'statistics.host_ratio'
}}) }}

with foreigners as (
    select
        period,
        region,
        sum(value) as value,
        sum(lower) as lower,
        sum(upper) as upper
    from {{ ref('stock') }}
    where cube = 'region_category' and indicator = 'stock' and region <> '_U'
    group by all
),

told as (
    select
        kato,
        cast(left(period, 4) as integer) as year,
        value as population
    from {{ ref('stg_regional_indicators') }}
    where
        indicator = 'population_total' and source_type = 'official' and value > 0
        and regexp_full_match(period, '[0-9]{4}(-01(-01)?|-Q1)?')
),

-- What the office of statistics delivers outranks the series that ships with the centre.
population as (
    select
        kato,
        year,
        max(population) as population
    from told
    group by all
    union all
    select
        kato,
        year,
        population
    from {{ ref('region_population') }} anti join told using (kato, year)
),

ratio as (
    select
        foreigners.period,
        foreigners.region,
        1000 * foreigners.value / local.population as value,
        1000 * foreigners.lower / local.population as lower,
        1000 * foreigners.upper / local.population as upper,
        local.year as population_year,
        cast(local.population as double) as population
    from foreigners
    asof inner join population as local
        on foreigners.region = local.kato and year(foreigners.period) >= local.year
),

measured as (
    select
        period,
        region,
        'foreigners_per_1000' as indicator,
        value,
        lower,
        upper,
        population_year
    from ratio
    union all
    select
        period,
        region,
        'population' as indicator,
        population as value,
        null as lower,
        null as upper,
        population_year
    from ratio
    union all
    select
        ratio.period,
        ratio.region,
        'change_per_1000' as indicator,
        ratio.value - former.value as value,
        null as lower,
        null as upper,
        ratio.population_year
    from ratio
    inner join ratio as former
        on ratio.region = former.region and former.period = last_day(cast(ratio.period - interval 12 month as date))
)

select
    period,
    region,
    indicator,
    cast(value as double) as value,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    if(population_year < year(period), 'E', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq,
    population_year
from measured
