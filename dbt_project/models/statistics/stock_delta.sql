{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'in_parts_by': 'changed_stay'}) }}

with {{ stock_versions() }},

contribution as (
    select * from ({{ stock_contributions(var('load_seq')) }}) as held
    {% if is_incremental() %}
    union all by name
    select * replace (-change as change) from ({{ stock_contributions(var('load_seq') | int - 1) }}) as was_held
    {% endif %}
)

select
    valid_day,
    {{ stock_dimensions() | join(',\n    ') }},
    indicator,
    {{ cause_on('cause', 'valid_day') }} as cause,
    {{ silence_columns() | join(',\n    ') }},
    cast(sum(change) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from contribution
group by all
having sum(change) <> 0
