{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.flow_daily', 'analysis': 'statistics.flow_daily'
}}) }}

with flow as (
    select
        valid_day as period,
        direction,
        citizenship,
        post_code,
        indicator,
        sum(change) as value
    from {{ ref('released_flow_delta') }}
    group by all
    having sum(change) <> 0
)

select
    flow.period,
    flow.direction,
    flow.citizenship,
    {{ place_on('region', 'post.kato', 'flow.period') }} as region,
    flow.post_code,
    flow.indicator,
    cast(flow.value as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('flow.period') }} as obs_status,
    {{ known_now() }} as known_seq
from flow
left join {{ ref('control_post') }} as post on flow.post_code = post.post_code
