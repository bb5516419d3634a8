{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

-- depends_on: {{ ref('touched_stay') }}, {{ ref('stay_history') }}

with {{ control_versions() }},

contribution as (
    select * from ({{ control_contributions(var('load_seq')) }}) as told
    {% if is_incremental() %}
    union all by name
    select * replace (-change as change) from ({{ control_contributions(var('load_seq') | int - 1) }}) as was_told
    {% endif %}
)

select
    valid_day,
    citizenship,
    purpose,
    indicator,
    {{ cause_on('cause', 'valid_day') }} as cause,
    cast(sum(change) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from contribution
group by all
having sum(change) <> 0
