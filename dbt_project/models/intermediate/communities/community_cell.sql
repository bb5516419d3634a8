{{ config(materialized='incremental', incremental_strategy='touched_months') }}
-- depends_on: {{ ref('touched_month') }}

with cluster as (
    select
        period,
        region,
        district,
        basis,
        sum(persons) as size
    from {{ ref('cluster_month') }}
    group by period, region, district, basis, cluster_key
),

place as (
    select
        period,
        region,
        district,
        basis,
        sum(size) as persons,
        sum(size) * sum(size) / sum(size * size) as independent
    from cluster
    group by all
),

cell as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        sum(persons) as persons,
        count(*) as hosts,
        sum(newcomers) as newcomers,
        sum(settled) as settled
    from {{ ref('cluster_month') }}
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
    hosts,
    cast(newcomers as bigint) as newcomers,
    cast(settled as bigint) as settled,
    cast(place_persons as bigint) as place_persons,
    cast(group_persons as bigint) as group_persons,
    cast(all_persons as bigint) as all_persons,
    share * all_persons / group_persons as location_quotient,
    {{ wilson('share * independent', 'independent', '-') }} * all_persons / group_persons as lower,
    {{ wilson('share * independent', 'independent', '+') }} * all_persons / group_persons as upper
from related
