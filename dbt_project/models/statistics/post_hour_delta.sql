{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

with version as (
    select
        event_at,
        post_code,
        direction,
        known_from_seq as known_seq,
        1 as change
    from {{ ref('crossing_event_history') }}
    union all
    select
        event_at,
        post_code,
        direction,
        known_to_seq as known_seq,
        -1 as change
    from {{ ref('crossing_event_history') }}
    where known_to_seq is not null
)

select
    date_trunc('hour', event_at) as valid_hour,
    coalesce(post_code, '_U') as post_code,
    direction,
    cast(sum(change) as bigint) as change,
    cast(known_seq as integer) as known_seq
from version
{% if is_incremental() -%}
where known_seq = {{ var('load_seq') }}
{% endif -%}
group by all
having sum(change) <> 0
