{#- Three months in a row begin a community, three in a row without end it; both are dated by their first month.
    A territory that was cut out of another looks back on the months of that other. -#}
with covered as (
    {{ month_ends() }}
),

seen as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        true as is_own
    from {{ ref('over_representation') }}
    where surprise >= threshold
),

flag as (
    select * from seen
    union
    select seen.* replace (link.to_kato as region, false as is_own)
    from seen
    inner join {{ ref('territory_link') }} as link
        on
            link.level = 'region' and seen.district = '_T' and seen.region = link.from_kato
            and link.from_kato <> link.to_kato and seen.period < link.valid_from
),

series as (
    select
        region,
        district,
        basis,
        basis_value,
        min(period) as first_on
    from flag
    group by all
    having bool_or(is_own)
),

month as (
    select
        covered.period,
        series.* exclude (first_on),
        bool_or(flag.period is not null) as is_over
    from series
    inner join covered on series.first_on <= covered.period
    left join flag
        on
            covered.period = flag.period and series.region = flag.region and series.district = flag.district
            and series.basis = flag.basis and series.basis_value = flag.basis_value
    group by all
),

judged as (
    select
        *,
        lag(period, 2) over course as since,
        case
            when count(*) over three < 3 then null
            when bool_and(is_over) over three then true
            when not bool_or(is_over) over three then false
        end as turns
    from month
    window
        course as (partition by region, district, basis, basis_value order by period),
        three as (course rows 2 preceding)
),

state as (
    select
        *,
        last_value(turns ignore nulls) over (course rows unbounded preceding) as stands
    from judged
    window course as (partition by region, district, basis, basis_value order by period)
),

turn as (
    select *
    from state
    window course as (partition by region, district, basis, basis_value order by period)
    qualify stands is distinct from coalesce(lag(stands) over course, false)
)

select
    region,
    district,
    basis,
    basis_value,
    since as formed_on,
    lead(since) over course as dissolved_on
from turn
window course as (partition by region, district, basis, basis_value order by period)
qualify stands
