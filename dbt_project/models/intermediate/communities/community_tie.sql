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

month as (
    select
        period,
        period as seen_on
    from {{ ref('touched_month') }}
    union all
    select
        period,
        last_day(cast(period - interval 3 month as date)) as seen_on
    from {{ ref('touched_month') }}
),

member as (
    select
        month.period,
        month.seen_on,
        person.person_id,
        cell.region,
        cell.district,
        cell.basis,
        cell.basis_value
    from month
    inner join standing as cell on month.seen_on = cell.period
    inner join {{ ref('member_history') }} as person
        on
            person.known_to_seq is null
            and cell.region = person.region
            and cell.district in ('_T', person.district)
            and person.valid_from <= month.seen_on and coalesce(month.seen_on < person.valid_to, true)
            and cell.basis_value = case cell.basis
                when 'citizenship' then person.citizenship
                when 'birth_country' then person.birth_country
                when 'ethnicity' then person.ethnicity
                else person.host_type
            end
)

select
    here.period,
    'basis' as tie,
    here.region,
    here.district,
    here.basis,
    here.basis_value,
    other.region as other_region,
    other.district as other_district,
    other.basis as other_basis,
    other.basis_value as other_basis_value,
    count(*) as persons
from member as here
inner join member as other
    on
        here.period = other.period and here.person_id = other.person_id
        and here.region = other.region and here.district = other.district
        and {{ basis_rank('other.basis') }} < {{ basis_rank('here.basis') }}
where here.seen_on = here.period and other.seen_on = here.period
group by all
union all
select
    here.period,
    'place' as tie,
    here.region,
    here.district,
    here.basis,
    here.basis_value,
    former.region as other_region,
    former.district as other_district,
    former.basis as other_basis,
    former.basis_value as other_basis_value,
    count(*) as persons
from member as here
inner join member as former
    on
        here.period = former.period and here.person_id = former.person_id
        and here.basis = former.basis and here.basis_value = former.basis_value
        and (here.district = '_T') = (former.district = '_T')
        and (here.region <> former.region or here.district <> former.district)
where here.seen_on = here.period and former.seen_on < here.period
group by all
