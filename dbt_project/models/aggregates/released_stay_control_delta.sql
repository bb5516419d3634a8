{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'statistics.stay_control_delta', 'analysis': 'statistics.stay_control_delta'
}}) }}
-- depends_on: {{ ref('small_citizenship') }}, {{ ref('small_citizenship_history') }}

select
    valid_day,
    {{ counted_citizenship('released_citizenship') }} as citizenship,
    {{ released_purpose('purpose') }} as purpose,
    indicator,
    cause,
    cast(sum(change) as bigint) as change,
    known_seq
from ({{ released_deltas('stay_control_delta') }}) as exact
group by all
having sum(change) <> 0
