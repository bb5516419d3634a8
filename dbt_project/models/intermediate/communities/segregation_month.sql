{{ config(materialized='incremental', incremental_strategy='touched_months') }}
-- depends_on: {{ ref('touched_month') }}

with cell as (
    select
        period,
        if(district = '_T', 'region', 'district') as level,
        basis,
        basis_value,
        region,
        district,
        cast(persons as double) as persons,
        cast(place_persons as double) as place_persons,
        cast(group_persons as double) as group_persons,
        cast(all_persons as double) as all_persons
    from {{ ref('community_cell') }}
    where period in (select touched.period from {{ ref('touched_month') }} as touched)
),

land as (
    select
        sum(area_km2) filter (where valid_to is null) as area,
        max(valid_from) as bounded_on
    from {{ ref('region') }}
),

place as (
    select
        cell.period,
        cell.level,
        cell.basis,
        cell.region,
        cell.district,
        any_value(cell.place_persons) as t,
        any_value(cell.all_persons) as total,
        any_value(region.area_km2) / any_value(land.area) as area_share,
        sum({{ entropy_of('cell.persons / cell.place_persons') }}) as entropy
    from cell
    left join {{ ref('region') }} as region on if(cell.level = 'region', cell.region, null) = region.kato
    left join land on cell.period >= land.bounded_on
    group by all
),

grouped as (
    select distinct
        period,
        level,
        basis,
        basis_value,
        group_persons as x,
        all_persons as total
    from cell
    where group_persons >= 100 and group_persons < all_persons
),

unit as (
    select
        grouped.*,
        grouped.x / grouped.total as share,
        place.t,
        place.area_share,
        coalesce(cell.persons, 0) as held
    from grouped
    inner join place using (period, level, basis)
    left join cell using (period, level, basis, basis_value, region, district)
),

measured as (
    select
        period,
        level,
        basis,
        basis_value,
        sum(abs(held - t * share)) / (2 * any_value(x * (1 - share))) as dissimilarity,
        sum({{ mean_deviation_at_random('t', 'x', 'total') }}) / (2 * any_value(x * (1 - share)))
            as dissimilarity_at_random,
        sum(held * held / t) / any_value(x) as isolation,
        sum(
            (t * share * share + share * (1 - share) * (total - t) / (total - 1)) / x
        ) as isolation_at_random,
        sum(held * (t - held) / t) / any_value(x) as exposure,
        1 - sum(
            t * ({{ entropy_of('held / t') }} + {{ entropy_of('(t - held) / t') }})
        ) / any_value(total * ({{ entropy_of('share') }} + {{ entropy_of('(1 - share)') }})) as entropy,
        (sum(abs(held / x - area_share)) + 1 - sum(area_share)) / 2 as delta
    from unit
    group by all
),

all_groups as (
    select
        period,
        level,
        basis,
        sum({{ entropy_of('group_persons / all_persons') }}) as entropy
    from (
        select distinct
            period,
            level,
            basis,
            basis_value,
            group_persons,
            all_persons
        from cell
    ) as national
    group by all
)

select
    period,
    level,
    basis,
    basis_value,
    dissimilarity,
    dissimilarity - dissimilarity_at_random as dissimilarity_beyond_chance,
    isolation,
    isolation - isolation_at_random as isolation_beyond_chance,
    exposure,
    entropy,
    delta
from measured
union all
select
    place.period,
    place.level,
    place.basis,
    '_T' as basis_value,
    null as dissimilarity,
    null as dissimilarity_beyond_chance,
    null as isolation,
    null as isolation_beyond_chance,
    null as exposure,
    1 - sum(place.t * place.entropy) / any_value(place.total * all_groups.entropy) as entropy,
    null as delta
from place
inner join all_groups using (period, level, basis)
where all_groups.entropy > 0
group by all
