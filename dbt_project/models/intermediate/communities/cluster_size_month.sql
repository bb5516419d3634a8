{{ config(
    materialized='incremental', incremental_strategy='added_up',
    meta={'sums': ['clusters', 'newcomers', 'settled'], 'in_parts_by': 'changed_member'}
) }}
{#- Only clusters with a member that changed are counted: what they are now is added, what they were is taken away.
    Sums are of doubles, which take half the memory that those of whole numbers take, and are exact. -#}
with touched as (
    select distinct
        period,
        changed.cluster_key,
        month.is_whole
    from {{ ref('changed_member') }} as changed
    inner join {{ ref('counted_month') }} as month using (period)
),

-- What a cluster was before is what it is now without the changes.
member as (
    select
        touched.period,
        touched.cluster_key,
        member.region,
        member.district,
        member.region_since,
        member.district_since,
        member.citizenship,
        member.birth_country,
        member.ethnicity,
        member.host_type,
        cast(1 as double) as now,
        cast(if(touched.is_whole, 0, 1) as double) as before
    from touched
    inner join {{ ref('member_history') }} as member
        on
            touched.cluster_key = member.cluster_key and member.known_to_seq is null
            and member.valid_from <= touched.period and coalesce(touched.period < member.valid_to, true)
    where {{ is_of_part(['touched.period', 'member.region']) }}
    union all by name
    select
        changed.* exclude (person_id, sign),
        cast(0 as double) as now,
        cast(-changed.sign as double) as before
    from {{ ref('changed_member') }} as changed
    inner join {{ ref('counted_month') }} as month using (period)
    where not month.is_whole and {{ is_of_part(['period', 'changed.region']) }}
),

placed as (
    select
        * exclude (region_since, district_since) replace ('_T' as district),
        region_since as since
    from member
    union all by name
    select
        * exclude (region_since, district_since),
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
        placed.now,
        placed.before,
        placed.since > placed.period - 90 as is_newcomer,
        placed.since <= placed.period - 365 as is_settled,
        basis.basis,
        {{ value_of('placed', 'basis.basis') }} as basis_value
    from placed
    cross join (values ('citizenship'), ('birth_country'), ('ethnicity'), ('host_type')) as basis (basis)
),

part as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        cluster_key,
        sum(now) as persons_now,
        sum(before) as persons_before,
        sum(now) filter (where is_newcomer) as newcomers_now,
        sum(before) filter (where is_newcomer) as newcomers_before,
        sum(now) filter (where is_settled) as settled_now,
        sum(before) filter (where is_settled) as settled_before
    from based
    where basis_value is not null
    group by all
),

whole as (
    select
        period,
        region,
        district,
        basis,
        cluster_key,
        sum(persons_now) as size_now,
        sum(persons_before) as size_before
    from part
    group by all
),

state as (
    {% for side, sign in {'now': 1, 'before': -1}.items() -%}
    select
        part.period,
        part.region,
        part.district,
        part.basis,
        part.basis_value,
        whole.size_{{ side }} as size,
        part.persons_{{ side }} as persons,
        {{ sign }} as clusters,
        {{ sign }} * part.newcomers_{{ side }} as newcomers,
        {{ sign }} * part.settled_{{ side }} as settled
    from part
    inner join whole using (period, region, district, basis, cluster_key)
    union all
    select
        period,
        region,
        district,
        basis,
        '_T' as basis_value,
        size_{{ side }} as size,
        size_{{ side }} as persons,
        {{ sign }} as clusters,
        0 as newcomers,
        0 as settled
    from whole
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    period,
    region,
    district,
    basis,
    basis_value,
    cast(size as integer) as size,
    cast(persons as integer) as persons,
    cast(sum(clusters) as bigint) as clusters,
    cast(coalesce(sum(newcomers), 0) as bigint) as newcomers,
    cast(coalesce(sum(settled), 0) as bigint) as settled,
    {{ opened_now() }}
from state
where persons > 0
group by all
having sum(clusters) <> 0 or coalesce(sum(newcomers), 0) <> 0 or coalesce(sum(settled), 0) <> 0
