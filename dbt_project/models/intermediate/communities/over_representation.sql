{{ config(materialized='incremental', incremental_strategy='touched_months') }}
{#- Under the null hypothesis whole clusters lie at random, and each place keeps its number of clusters of every size
    class. The excess of a group in a place is then a sum, over size classes, of draws without replacement from the
    clusters of the state. By Hoeffding (1963, theorem 4) its moment generating function is at most that of draws with
    replacement, so that for every t > 0
        P(excess >= x) <= exp(sum over classes of m ln mean exp(t r) - t x),
    where m clusters of the class lie in the place and r is what a cluster has of the group above the class's share. The
    best t of a grid is taken; each of them gives a bound, so that no skewness makes it too bold. -#}
with cluster as (
    select
        period,
        region,
        district,
        district = '_T' as is_region,
        basis,
        cluster_key,
        sum(persons) as size,
        floor(log2(sum(persons))) as size_class
    from {{ ref('cluster_month') }}
    group by all
),

tested as (
    select
        period,
        region,
        district,
        district = '_T' as is_region,
        basis,
        basis_value,
        persons
    from {{ ref('community_cell') }}
    where
        persons >= 50 and lower >= 2
        and period in (select touched.period from {{ ref('touched_month') }} as touched)
),

part as (
    select
        cluster.*,
        held.basis_value,
        held.persons
    from {{ ref('cluster_month') }} as held
    inner join cluster using (period, region, district, basis, cluster_key)
    where (held.period, cluster.is_region, held.basis, held.basis_value) in (
        select (tested.period, tested.is_region, tested.basis, tested.basis_value) from tested
    )
),

class as (
    select
        period,
        is_region,
        basis,
        size_class,
        sum(size) as persons,
        count(*) as clusters
    from cluster
    group by all
),

share as (
    select
        period,
        is_region,
        basis,
        part.basis_value,
        size_class,
        sum(part.persons) / any_value(class.persons) as share,
        any_value(class.clusters) as clusters
    from part
    inner join class using (period, is_region, basis, size_class)
    group by all
),

outcome as (
    select
        period,
        is_region,
        basis,
        basis_value,
        size_class,
        size,
        persons,
        count(*) as clusters
    from part
    group by all
    union all
    select
        share.period,
        share.is_region,
        share.basis,
        share.basis_value,
        share.size_class,
        cluster.size,
        0 as persons,
        count(*) - coalesce(any_value(with_some.clusters), 0) as clusters
    from share
    inner join cluster using (period, is_region, basis, size_class)
    left join (
        select
            period,
            is_region,
            basis,
            basis_value,
            size,
            count(*) as clusters
        from part
        group by all
    ) as with_some using (period, is_region, basis, basis_value, size)
    group by all
),

excess_of as (
    select
        outcome.* exclude (clusters),
        outcome.clusters / share.clusters as probability,
        outcome.persons - share.share * outcome.size as excess,
        max(outcome.persons - share.share * outcome.size) over (
            partition by outcome.period, outcome.is_region, outcome.basis, outcome.basis_value, outcome.size_class
        ) as largest
    from outcome
    inner join share using (period, is_region, basis, basis_value, size_class)
    where outcome.clusters > 0
),

exponent as (
    select
        period,
        is_region,
        basis,
        basis_value,
        size_class,
        grid.t,
        any_value(grid.t * largest) + ln(sum(probability * exp(grid.t * (excess - largest)))) as exponent
    from excess_of
    cross join (select power(2, unnest(range(-16, 7)) / 2) as t) as grid
    group by all
),

in_place as (
    select
        period,
        region,
        district,
        basis,
        size_class,
        sum(size) as persons,
        count(*) as clusters
    from cluster
    group by all
),

bound as (
    select
        tested.period,
        tested.region,
        tested.district,
        tested.basis,
        tested.basis_value,
        exponent.t,
        sum(in_place.clusters * exponent.exponent + exponent.t * share.share * in_place.persons)
        - any_value(exponent.t * tested.persons) as logarithm
    from tested
    inner join in_place using (period, region, district, basis)
    inner join share using (period, is_region, basis, basis_value, size_class)
    inner join exponent using (period, is_region, basis, basis_value, size_class)
    group by all
),

asked as (
    select
        period,
        sum(places * groups) as tests
    from (
        select
            period,
            district = '_T' as is_region,
            basis,
            count(distinct region || district) as places,
            count(distinct basis_value) as groups
        from {{ ref('community_cell') }}
        group by all
    ) as family
    group by period
)

select
    bound.period,
    bound.region,
    bound.district,
    bound.basis,
    bound.basis_value,
    greatest(-min(bound.logarithm), 0) as surprise,
    {{ family_threshold('any_value(asked.tests)') }} as threshold
from bound
inner join asked using (period)
group by all
