{{ config(materialized='table') }}
-- A code is read by the borders of the day: that of a new region names, before the region was, the one it was cut
-- out of, and that of a region that is no more its only heir, or nobody knows which.

with heir as (
    select
        from_kato,
        to_kato,
        valid_from
    from {{ ref('territory_link') }}
    where level = 'region' and from_kato <> to_kato
),

region_span as (
    select
        left(kato, 2) as digits,
        kato as region,
        valid_from,
        valid_to
    from {{ ref('region') }}
    union all
    select
        left(heir.to_kato, 2) as digits,
        heir.from_kato as region,
        former.valid_from,
        heir.valid_from as valid_to
    from heir
    inner join {{ ref('region') }} as former on heir.from_kato = former.kato
    inner join {{ ref('region') }} as new on heir.to_kato = new.kato and heir.valid_from = new.valid_from
    union all
    select
        left(ended.kato, 2) as digits,
        if(count(heir.to_kato) = 1, min(heir.to_kato), '_U') as region,
        ended.valid_to as valid_from,
        null as valid_to
    from {{ ref('region') }} as ended
    left join heir on ended.kato = heir.from_kato and ended.valid_to = heir.valid_from
    where ended.valid_to is not null
    group by ended.kato, ended.valid_to
),

district_span as (
    select
        left(district.kato, 4) as digits,
        region_span.region,
        phase.district,
        greatest(region_span.valid_from, phase.valid_from) as valid_from,
        least(region_span.valid_to, phase.valid_to) as valid_to
    from {{ ref('district') }} as district
    inner join region_span on left(district.kato, 2) = region_span.digits
    cross join lateral (
        values
        ('_U', cast(null as date), coalesce(district.valid_from, date '-infinity')),
        (district.kato, district.valid_from, district.valid_to),
        ('_U', coalesce(district.valid_to, date 'infinity'), null)
    ) as phase (district, valid_from, valid_to)
),

span as (
    select
        digits,
        region,
        '_U' as district,
        valid_from,
        valid_to
    from region_span
    union all
    select * from district_span
    union all
    select
        '_U' as digits,
        '_U' as region,
        '_U' as district,
        null as valid_from,
        null as valid_to
)

select
    digits,
    region,
    district,
    valid_from,
    valid_to
from span
where coalesce(valid_from, date '-infinity') < coalesce(valid_to, date 'infinity')
