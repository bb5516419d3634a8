{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

with moved_stay as (
    {{ moved_stays() }}
),

ended as (
    select * from ({{ ended_stays(var('load_seq')) }}) as held
    {% if is_incremental() %}
    union all
    select * replace (-change as change) from ({{ ended_stays(var('load_seq') | int - 1) }}) as was_held
    {% endif %}
)

select
    class_group,
    ending,
    silent_since,
    cast(sum(change) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from ended
group by class_group, ending, silent_since
having sum(change) <> 0
