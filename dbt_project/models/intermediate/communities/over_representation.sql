{{ config(materialized='incremental', incremental_strategy='touched_months') }}
{#- Under the null hypothesis whole clusters lie at random, and each place keeps its number of clusters of every size
    class. The excess of a group in a place is then a sum, over size classes, of draws without replacement from the
    clusters of the state, so that for every t > 0
        P(excess >= x) <= exp(sum over classes of psi(t) - t x),
    where psi is at least the logarithm of the class's moment generating function. The best t of a grid is taken; each of
    them gives a bound, so that no skewness makes it too bold. With m of the n clusters of the class in the place, and r
    what a cluster has of the group above the class's share, psi(t) is the lesser of two:
        m ln mean exp(t r), draws with replacement, which are the wilder ones (Hoeffding 1963, theorem 4), and
        sum over clusters of ln(1 - q + q exp(t r)) - ln P(m of n), for the best q of a grid: clusters drawn one by one
        with probability q, of which draws without replacement are the case that m of n are drawn.
    The second holds where a class has few clusters, of which none is drawn twice. What a few crews could bring by chance
    hides no families: the excess is also taken over the clusters up to each size class. The whole has half of the error,
    and each class that is left out halves what remains. -#}
with counted as (
    select
        * exclude (known_from_seq, known_to_seq),
        district = '_T' as is_region,
        floor(log2(size)) as size_class
    from {{ ref('cluster_size_month') }}
    where known_to_seq is null and period in (select touched.period from {{ ref('touched_month') }} as touched)
),

tested as (
    select
        period,
        region,
        district,
        district = '_T' as is_region,
        basis,
        basis_value
    from {{ ref('community_cell') }}
    where
        persons >= 50 and lower >= 2
        and period in (select touched.period from {{ ref('touched_month') }} as touched)
),

part as (
    select *
    from counted
    where
        (period, is_region, basis, basis_value) in (
            select (tested.period, tested.is_region, tested.basis, tested.basis_value) from tested
        )
),

sized as (
    select
        period,
        is_region,
        basis,
        size_class,
        size,
        sum(clusters) as clusters
    from counted
    where basis_value = '_T'
    group by all
),

class as (
    select
        period,
        is_region,
        basis,
        size_class,
        sum(size * clusters) as persons,
        sum(clusters) as clusters
    from sized
    group by all
),

share as (
    select
        period,
        is_region,
        basis,
        part.basis_value,
        size_class,
        sum(part.clusters * part.persons) / any_value(class.persons) as share,
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
        sum(clusters) as clusters
    from part
    group by all
    union all
    select
        share.period,
        share.is_region,
        share.basis,
        share.basis_value,
        share.size_class,
        sized.size,
        0 as persons,
        sized.clusters - coalesce(with_some.clusters, 0) as clusters
    from share
    inner join sized using (period, is_region, basis, size_class)
    left join (
        select
            period,
            is_region,
            basis,
            basis_value,
            size,
            sum(clusters) as clusters
        from part
        group by all
    ) as with_some using (period, is_region, basis, basis_value, size)
),

excess_of as (
    select
        outcome.*,
        outcome.clusters / share.clusters as probability,
        outcome.persons - share.share * outcome.size as excess,
        max(outcome.persons - share.share * outcome.size) over (
            partition by outcome.period, outcome.is_region, outcome.basis, outcome.basis_value, outcome.size_class
        ) as largest
    from outcome
    inner join share using (period, is_region, basis, basis_value, size_class)
    where outcome.clusters > 0
),

-- What a cluster brings where it is not drawn and where it is, over the larger of the two: neither is beyond a double.
brought as (
    select
        excess_of.*,
        grid.t,
        grid.t * greatest(excess, 0) as larger,
        exp(-grid.t * greatest(excess, 0)) as if_not_drawn,
        exp(grid.t * least(excess, 0)) as if_drawn
    from excess_of
    cross join (select power(2, unnest(range(-16, 7)) / 2) as t) as grid
),

drawn as (
    select
        period,
        is_region,
        basis,
        basis_value,
        size_class,
        t,
        any_value(t * largest) + ln(sum(probability * exp(t * (excess - largest)))) as exponent,
        [
            {%- for half in range(2, 17) %}
            sum(clusters * (larger + ln(
                (1 - power(2, -{{ half }} / 2)) * if_not_drawn + power(2, -{{ half }} / 2) * if_drawn
            ))){{ ',' if not loop.last }}
            {%- endfor %}
        ] as exponents
    from brought
    group by period, is_region, basis, basis_value, size_class, t
),

drawn_singly as (
    select
        * exclude (exponent, exponents),
        power(2, -unnest(range(2, 17)) / 2) as q,
        unnest(exponents) as exponent
    from drawn
),

in_place as (
    select
        period,
        region,
        district,
        basis,
        size_class,
        sum(clusters * size) as persons,
        sum(clusters) as clusters
    from counted
    where basis_value = '_T'
    group by all
),

held as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        size_class,
        sum(clusters * persons) as held
    from part
    group by all
),

placed as (
    select
        tested.period,
        tested.region,
        tested.district,
        tested.is_region,
        tested.basis,
        tested.basis_value,
        in_place.size_class,
        in_place.clusters,
        share.clusters as clusters_of_class,
        coalesce(held.held, 0) - share.share * in_place.persons as excess
    from tested
    inner join in_place using (period, region, district, basis)
    inner join share using (period, is_region, basis, basis_value, size_class)
    left join held using (period, region, district, basis, basis_value, size_class)
),

without_replacement as (
    select
        placed.period,
        placed.region,
        placed.district,
        placed.basis,
        placed.basis_value,
        placed.size_class,
        drawn_singly.t,
        min(
            drawn_singly.exponent
            - (
                lgamma(clusters_of_class + 1) - lgamma(clusters + 1) - lgamma(clusters_of_class - clusters + 1)
                + clusters * ln(drawn_singly.q) + (clusters_of_class - clusters) * ln(1 - drawn_singly.q)
            )
        ) as exponent
    from placed
    inner join drawn_singly using (period, is_region, basis, basis_value, size_class)
    group by all
),

bound as (
    select
        placed.period,
        placed.region,
        placed.district,
        placed.basis,
        placed.basis_value,
        sum(
            least(placed.clusters * drawn.exponent, without_replacement.exponent) - drawn.t * placed.excess
        ) over (cell order by placed.size_class) as logarithm,
        row_number() over (cell order by placed.size_class desc) as halvings
    from placed
    inner join drawn using (period, is_region, basis, basis_value, size_class)
    inner join without_replacement using (period, region, district, basis, basis_value, size_class, t)
    window cell as (
        partition by
            placed.period, placed.region, placed.district, placed.basis, placed.basis_value, drawn.t
    )
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
    greatest(-min(bound.logarithm + bound.halvings * ln(2)), 0) as surprise,
    {{ family_threshold('any_value(asked.tests)') }} as threshold
from bound
inner join asked using (period)
group by all
