{{ config(materialized='view') }}

{#- Two groups of one place are one community where the persons in both are at least 0.8 of those in either, over the
    months in which both are over-represented. The first of its bases names it. -#}
with series as (
    select distinct
        region,
        district,
        basis,
        basis_value
    from {{ ref('community_episode') }}
),

overlap as (
    select
        tie.region,
        tie.district,
        tie.basis,
        tie.basis_value,
        tie.other_basis,
        tie.other_basis_value
    from {{ ref('community_tie') }} as tie
    inner join {{ ref('community_cell') }} as here using (period, region, district, basis, basis_value)
    inner join {{ ref('community_cell') }} as other
        on
            tie.period = other.period and tie.region = other.region and tie.district = other.district
            and tie.other_basis = other.basis and tie.other_basis_value = other.basis_value
    inner join series as head
        on
            tie.region = head.region and tie.district = head.district
            and tie.other_basis = head.basis and tie.other_basis_value = head.basis_value
    where tie.tie = 'basis'
    group by all
    having sum(tie.persons) >= 0.8 * sum(here.persons + other.persons - tie.persons)
),

named as (
    select
        series.*,
        coalesce(overlap.other_basis, series.basis) as head_basis,
        coalesce(overlap.other_basis_value, series.basis_value) as head_value
    from series
    left join overlap using (region, district, basis, basis_value)
    qualify
        row_number() over (
            partition by series.region, series.district, series.basis, series.basis_value
            order by {{ basis_rank('overlap.other_basis') }}, overlap.other_basis_value
        ) = 1
),

first_named as (
    select
        named.* exclude (head_basis, head_value),
        coalesce(further.head_basis, head.head_basis) as head_basis,
        coalesce(further.head_value, head.head_value) as head_value
    from named
    inner join named as head
        on
            named.region = head.region and named.district = head.district
            and named.head_basis = head.basis and named.head_value = head.basis_value
    inner join named as further
        on
            named.region = further.region and named.district = further.district
            and head.head_basis = further.basis and head.head_value = further.basis_value
)

select
    region,
    district,
    basis,
    basis_value,
    left(md5(concat_ws('|', region, district, head_basis, head_value)), 16) as community_id,
    basis = head_basis and basis_value = head_value as names_it
from first_named
