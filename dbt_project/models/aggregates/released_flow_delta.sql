{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'statistics.flow_delta', 'analysis': 'statistics.flow_delta'
}}) }}
-- depends_on: {{ ref('small_citizenship') }}, {{ ref('small_citizenship_history') }}

select
    valid_day,
    direction,
    if(indicator = 'citizen_crossings', citizenship, {{ counted_citizenship('released_citizenship') }}) as citizenship,
    post_code,
    indicator,
    cause,
    cast(sum(change) as bigint) as change,
    known_seq
from ({{ released_deltas('flow_delta') }}) as exact
group by all
having sum(change) <> 0
