{{ config(materialized='view', meta={'publish': {'restricted': 'registry.contradiction_history'}}) }}

{#- Faster than any airliner between two posts, and too far for an error of a minute's rounding. -#}
{%- set fastest_kmh, least_km = 1000, 50 -%}

with placed as (
    select
        conflict.*,
        power(sin(radians(there.lat - here.lat) / 2), 2)
        + cos(radians(here.lat)) * cos(radians(there.lat))
        * power(sin(radians(there.lon - here.lon) / 2), 2) as haversine
    from {{ ref('crossing_conflict_history') }} as conflict
    left join {{ ref('control_post') }} as here on conflict.first_post = here.post_code
    left join {{ ref('control_post') }} as there on conflict.second_post = there.post_code
),

measured as (
    select
        *,
        2 * 6371 * asin(sqrt(if(haversine > 1, 1, haversine))) as distance_km
    from placed
)

select
    person_id,
    if(kind = 'two_posts', 'impossible_travel', kind) as kind,
    first_feed,
    first_record_id,
    second_record_id,
    second_on as happened_on,
    cast(minutes_between as double) as minutes_between,
    round(distance_km) as distance_km,
    known_from_seq,
    known_to_seq
from measured
where kind <> 'two_posts' or (distance_km >= {{ least_km }} and distance_km * 60 > {{ fastest_kmh }} * minutes_between)
