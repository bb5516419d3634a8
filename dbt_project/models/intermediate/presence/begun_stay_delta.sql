{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

with moved_stay as (
    {{ moved_stays() }}
),

begun as (
    select * from ({{ begun_stays(var('load_seq')) }}) as held
    {% if is_incremental() %}
    union all
    select * replace (-change as change) from ({{ begun_stays(var('load_seq') | int - 1) }}) as was_held
    {% endif %}
)

select
    beginning,
    next_sign_on,
    cast(sum(change) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from begun
group by beginning, next_sign_on
having sum(change) <> 0
