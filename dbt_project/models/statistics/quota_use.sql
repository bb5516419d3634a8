{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.quota_use', 'analysis': 'statistics.quota_use'
}}) }}

with used as (
    select
        person_id,
        case scheme when 'employer' then 'foreign_labour' else scheme end as kind,
        year(valid_from) as year,
        region
    from {{ ref('labour_engagement_history') }}
    where
        known_to_seq is null and basis_feed = 'labour_permits' and scheme in ('employer', 'seasonal', 'household')
    union all
    select
        event.person_id,
        'kandas' as kind,
        year(event.event_on) as year,
        {{ place_on('region', 'event.kato', 'event.event_on') }} as region
    from {{ ref('case_history') }} as event
    where
        event.known_to_seq is null and event.feed = 'kandas_cases' and event.event = 'granted' and event.in_quota
        and event.person_id is not null
),

counted as (
    select
        used.person_id,
        used.kind,
        used.year,
        unnest([used.region, '000000000']) as region
    from used
),

quota as (
    select
        kind,
        cast(year as integer) as year,
        if(kato = '000000000', kato, {{ place_on('region', 'told.kato', 'make_date(told.year, 12, 31)') }}) as region,
        sum(heads) as heads
    from {{ ref('stg_quotas') }} as told
    group by all
),

-- What was used before the first permit or case was told of is not known, and no 0.
heard as (
    select
        if(feed = 'kandas_cases', 'kandas', 'labour') as family,
        year(min(business_date)) as first_year
    from {{ source('quality', 'delivery') }}
    where state = 'accepted' and feed in ('kandas_cases', 'labour_permits')
    group by feed
),

taken as (
    select
        quota.*,
        count(distinct counted.person_id) as persons
    from quota
    inner join heard
        on if(quota.kind = 'kandas', 'kandas', 'labour') = heard.family and quota.year >= heard.first_year
    left join counted
        on quota.kind = counted.kind and quota.year = counted.year and quota.region = counted.region
    where quota.kind <> 'internal_settlers'
    group by all
),

told as (
    select
        make_date(year, 12, 31) as period,
        kind,
        region,
        'quota_used' as indicator,
        persons
    from taken
)

{{ withheld("(select * from told where kind = 'kandas') as returned", ['kind', 'region'], 10) }}
union all
select
    period,
    kind,
    region,
    indicator,
    cast(persons as double) as value,
    null as lower,
    null as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from told
where kind <> 'kandas'
union all
select
    make_date(year, 12, 31) as period,
    kind,
    region,
    'quota_heads' as indicator,
    cast(heads as double) as value,
    null as lower,
    null as upper,
    'A' as obs_status,
    {{ known_now() }} as known_seq
from quota
