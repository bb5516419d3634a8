{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

with version as (
    select
        valid_from,
        valid_to,
        region,
        known.known_seq,
        known.change
    from {{ ref('released_placement_history') }} as place
    cross join lateral (values (place.known_from_seq, 1), (place.known_to_seq, -1)) as known (known_seq, change)
    where
        place.basis_feed = 'stay_notifications' and place.confidence >= 0.9
        {% if is_incremental() -%}
        and (place.known_from_seq = {{ var('load_seq') }} or place.known_to_seq = {{ var('load_seq') }})
        {% endif -%}
        and known.known_seq is not null
)

select
    side.valid_day,
    version.region,
    cast(sum(version.change * side.sign) as bigint) as change,
    cast(version.known_seq as integer) as known_seq
from version
cross join lateral (values (version.valid_from, 1), (version.valid_to, -1)) as side (valid_day, sign)
where
    side.valid_day is not null
    {% if is_incremental() -%}
    and version.known_seq = {{ var('load_seq') }}
    {% endif %}
group by all
having sum(version.change * side.sign) <> 0
