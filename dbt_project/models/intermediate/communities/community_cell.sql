{{ config(materialized='incremental', incremental_strategy='touched_months') }}

with counted as (
    select *
    from {{ ref('cluster_size_month') }}
    where known_to_seq is null and period in (select touched.period from {{ ref('touched_month') }} as touched)
),

place as (
    select
        period,
        region,
        district,
        basis,
        sum(clusters * size) as persons,
        sum(clusters * size) * sum(clusters * size) / sum(clusters * size * size) as independent
    from counted
    where basis_value = '_T'
    group by all
),

cell as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        sum(clusters * persons) as persons,
        sum(clusters) as hosts,
        sum(newcomers) as newcomers,
        sum(settled) as settled
    from counted
    where basis_value <> '_T'
    group by all
),

related as (
    select
        cell.*,
        place.persons as place_persons,
        place.independent,
        cell.persons / place.persons as share,
        sum(cell.persons) over (partition by cell.period, cell.district = '_T', cell.basis, cell.basis_value)
            as group_persons,
        sum(cell.persons) over (partition by cell.period, cell.district = '_T', cell.basis) as all_persons
    from cell
    inner join place
        on
            cell.period = place.period and cell.region = place.region
            and cell.district = place.district and cell.basis = place.basis
)

select
    period,
    region,
    district,
    basis,
    basis_value,
    cast(persons as bigint) as persons,
    cast(hosts as bigint) as hosts,
    cast(newcomers as bigint) as newcomers,
    cast(settled as bigint) as settled,
    cast(place_persons as bigint) as place_persons,
    cast(group_persons as bigint) as group_persons,
    cast(all_persons as bigint) as all_persons,
    share * all_persons / group_persons as location_quotient,
    {{ wilson('share * independent', 'independent', '-') }} * all_persons / group_persons as lower,
    {{ wilson('share * independent', 'independent', '+') }} * all_persons / group_persons as upper
from related
