{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.segregation', 'analysis': 'statistics.segregation'
}}) }}

with figure as (
    unpivot {{ ref('segregation_month') }}
    on columns(* exclude (period, level, basis, basis_value))
    into name indicator value value
)

select
    period,
    level,
    '000000000' as region,
    '_T' as district,
    basis,
    basis_value,
    indicator,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
union all by name
select
    period,
    if(district = '_T', 'region', 'district') as level,
    region,
    district,
    basis,
    basis_value,
    'location_quotient' as indicator,
    round(location_quotient, if(basis = 'ethnicity', 2, 4)) as value,
    round(lower, if(basis = 'ethnicity', 2, 4)) as lower,
    round(upper, if(basis = 'ethnicity', 2, 4)) as upper,
    'E' as obs_status,
    {{ known_now() }} as known_seq
from {{ ref('community_cell') }}
where persons >= 100 and hosts >= 5
