{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

with version as (
    select
        *,
        {{ cause_of_record(
            'bool_or(known_from_seq = ' ~ var('load_seq') ~ ') over record',
            'bool_or(known_to_seq is not distinct from ' ~ var('load_seq') ~ ') over record',
            'min(event_on) over record'
        ) }} as cause
    from (
        select * from {{ ref('crossing_event_history') }}
        where known_from_seq = {{ var('load_seq') }}
        union all
        select * from {{ ref('crossing_event_history') }}
        where known_to_seq = {{ var('load_seq') }}
    ) as changed
    window record as (partition by record_id)
)

select
    event_on as valid_day,
    direction,
    coalesce(citizenship, '_U') as citizenship,
    post_code,
    if(is_citizen_stripped, 'citizen_crossings', 'crossings') as indicator,
    {{ cause_on('cause', 'event_on') }} as cause,
    cast(sum(if(known_from_seq = {{ var('load_seq') }}, 1, -1)) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from version
group by all
having sum(if(known_from_seq = {{ var('load_seq') }}, 1, -1)) <> 0
