{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.flow_residence', 'analysis': 'statistics.flow_residence'
}}) }}

with common as (
    {{ common_states() }}
),

told as (
    select
        direction,
        moved_on,
        from_region,
        to_region,
        {{ released_state("if(direction = 'immigration', from_country, to_country)") }} as country
    from {{ ref('residence_move_history') }}
    where known_to_seq is null
)

select
    last_day(moved_on) as period,
    direction,
    if(direction = 'internal', '_Z', country) as country,
    if(direction = 'immigration', '_Z', coalesce(from_region, '_U')) as from_region,
    if(direction = 'emigration', '_Z', coalesce(to_region, '_U')) as to_region,
    'moves' as indicator,
    cast(count(*) as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    'P' as obs_status,
    {{ known_now() }} as known_seq
from told
group by all
