{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

select
    event_on as valid_day,
    direction,
    coalesce(citizenship, '_U') as citizenship,
    post_code,
    if(is_citizen_stripped, 'citizen_crossings', 'crossings') as indicator,
    cast(sum(if(known_from_seq = {{ var('load_seq') }}, 1, -1)) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from {{ ref('crossing_event_history') }}
where known_from_seq = {{ var('load_seq') }} or known_to_seq = {{ var('load_seq') }}
group by all
having sum(if(known_from_seq = {{ var('load_seq') }}, 1, -1)) <> 0
