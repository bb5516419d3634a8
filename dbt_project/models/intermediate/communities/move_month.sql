{{ config(materialized='incremental', incremental_strategy='added_up', meta={'sums': ['persons']}) }}

with touched as (
    select
        period,
        person_id
    from {{ ref('changed_member') }}
    union
    select
        last_day(cast(period + interval 3 month as date)) as period,
        person_id
    from {{ ref('changed_member') }}
),

seen as (
    select
        touched.period,
        unnest([month.period, former.period]) as seen_on,
        month.is_whole or former.is_whole as is_whole,
        touched.person_id
    from touched
    inner join {{ ref('counted_month') }} as month using (period)
    inner join {{ ref('counted_month') }} as former
        on former.period = last_day(cast(touched.period - interval 3 month as date))
),

-- What somebody is now is added, what was known of somebody before this load is taken away.
member as (
    select
        seen.period,
        seen.seen_on = seen.period as is_here,
        known.sign,
        member.*
    from seen
    inner join {{ ref('member_history') }} as member
        on
            seen.person_id = member.person_id
            and member.valid_from <= seen.seen_on and coalesce(seen.seen_on < member.valid_to, true)
    cross join (values (1), (-1)) as known (sign)
    where
        if(
            known.sign = 1,
            member.known_to_seq is null,
            not seen.is_whole and {{ known_at('member', var('load_seq') | int - 1) }}
        )
)

select
    here.period,
    here.region,
    here.district,
    former.region as former_region,
    former.district as former_district,
    if(here.citizenship = former.citizenship, here.citizenship, null) as citizenship,
    if(here.birth_country = former.birth_country, here.birth_country, null) as birth_country,
    if(here.ethnicity = former.ethnicity, here.ethnicity, null) as ethnicity,
    if(here.host_type = former.host_type, here.host_type, null) as host_type,
    cast(sum(here.sign) as bigint) as persons,
    {{ opened_now() }}
from member as here
inner join member as former
    on
        here.period = former.period and here.person_id = former.person_id and here.sign = former.sign
        and (here.region <> former.region or here.district <> former.district)
where here.is_here and not former.is_here
group by all
having sum(here.sign) <> 0
