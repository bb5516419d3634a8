{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'statistics.residence_delta', 'analysis': 'statistics.residence_delta'
}}) }}
-- depends_on: {{ ref('small_citizenship') }}, {{ ref('small_citizenship_history') }}

select
    valid_day,
    direction,
    {{ counted_citizenship('released_citizenship') }} as citizenship,
    region,
    reached_on,
    {{ silence_columns() | join(',\n    ') }},
    cause,
    cast(sum(change) as bigint) as change,
    known_seq
from ({{ released_deltas('residence_delta') }}) as exact
group by all
having sum(change) <> 0
