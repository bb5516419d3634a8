{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['period', 'community_id', 'basis', 'basis_value'],
    meta={'scope': 'all'}
) }}

select
    cell.period,
    life.community_id,
    life.basis,
    life.basis_value,
    life.region,
    life.district,
    life.formed_on,
    life.dissolved_on,
    life.stood_before,
    life.is_public,
    cell.persons as size,
    cell.hosts,
    cell.persons / cell.place_persons as share,
    cell.location_quotient,
    cell.lower as location_quotient_lower,
    cell.upper as location_quotient_upper,
    cell.persons / former.persons - 1 as growth,
    cell.newcomers,
    cell.settled,
    {{ opened_now() }}
from {{ ref('community_life') }} as life
inner join {{ ref('community_cell') }} as cell
    on
        life.region = cell.region and life.district = cell.district
        and life.basis = cell.basis and life.basis_value = cell.basis_value
        and life.formed_on <= cell.period and coalesce(cell.period < life.dissolved_on, true)
left join {{ ref('community_cell') }} as former
    on
        cell.region = former.region and cell.district = former.district
        and cell.basis = former.basis and cell.basis_value = former.basis_value
        and former.period = last_day(cast(cell.period - interval 3 month as date))
