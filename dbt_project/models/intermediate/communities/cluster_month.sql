with member as (
    select
        touched.period,
        member.*
    from {{ ref('touched_month') }} as touched
    inner join {{ ref('member_history') }} as member
        on
            member.known_to_seq is null
            and member.valid_from <= touched.period and coalesce(touched.period < member.valid_to, true)
),

placed as (
    select
        * replace ('_T' as district),
        region_since as since
    from member
    union all
    select
        *,
        district_since as since
    from member
    where district <> '_U'
),

based as (
    select
        placed.period,
        placed.region,
        placed.district,
        placed.cluster_key,
        placed.since,
        basis.basis,
        case basis.basis
            when 'citizenship' then placed.citizenship
            when 'birth_country' then placed.birth_country
            when 'ethnicity' then placed.ethnicity
            else placed.host_type
        end as basis_value
    from placed
    cross join (values ('citizenship'), ('birth_country'), ('ethnicity'), ('host_type')) as basis (basis)
)

select
    period,
    region,
    district,
    basis,
    basis_value,
    cluster_key,
    count(*) as persons,
    count(*) filter (where since > period - 90) as newcomers,
    count(*) filter (where since <= period - 365) as settled
from based
where basis_value is not null
group by all
