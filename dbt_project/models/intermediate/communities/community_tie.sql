{{ config(materialized='incremental', incremental_strategy='touched_months') }}

with standing as (
    select
        period,
        region,
        district,
        basis,
        basis_value
    from {{ ref('community_cell') }} as cell
    where {{ may_stand('cell') }}
),

here as (
    select
        *,
        last_day(cast(period - interval 3 month as date)) as former_period
    from standing
    where period in (select touched.period from {{ ref('touched_month') }} as touched)
)

select
    here.* exclude (former_period),
    'basis' as tie,
    other.region as other_region,
    other.district as other_district,
    other.basis as other_basis,
    other.basis_value as other_basis_value,
    cast(sum(profile.persons) as bigint) as persons
from here
inner join standing as other
    on
        here.period = other.period and here.region = other.region and here.district = other.district
        and {{ basis_rank('other.basis') }} < {{ basis_rank('here.basis') }}
inner join {{ ref('profile_month') }} as profile
    on
        profile.known_to_seq is null
        and here.period = profile.period and here.region = profile.region
        and here.district in ('_T', profile.district)
        and here.basis_value = {{ value_of('profile', 'here.basis') }}
        and other.basis_value = {{ value_of('profile', 'other.basis') }}
group by all
union all by name
select
    here.* exclude (former_period),
    'place' as tie,
    former.region as other_region,
    former.district as other_district,
    former.basis as other_basis,
    former.basis_value as other_basis_value,
    cast(sum(move.persons) as bigint) as persons
from here
inner join standing as former
    on
        here.former_period = former.period
        and here.basis = former.basis and here.basis_value = former.basis_value
        and (here.district = '_T') = (former.district = '_T')
        and (here.region <> former.region or here.district <> former.district)
inner join {{ ref('move_month') }} as move
    on
        move.known_to_seq is null
        and here.period = move.period and here.region = move.region and former.region = move.former_region
        and here.district in ('_T', move.district) and former.district in ('_T', move.former_district)
        and here.basis_value = {{ value_of('move', 'here.basis') }}
group by all
