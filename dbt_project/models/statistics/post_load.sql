{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.post_load', 'analysis': 'statistics.post_load'
}}) }}

with figure as (
    unpivot {{ ref('post_month') }}
    on columns(* exclude (period, post_code, hour))
    into name indicator value value
)

select
    figure.period,
    {{ place_on('region', 'post.kato', 'figure.period') }} as region,
    figure.post_code,
    figure.hour,
    figure.indicator,
    figure.value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('figure.period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
left join {{ ref('control_post') }} as post on figure.post_code = post.post_code
where figure.indicator <> 'hours_reported' or figure.value > 0
