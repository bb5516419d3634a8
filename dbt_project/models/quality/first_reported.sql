{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'quality.first_reported', 'analysis': 'quality.first_reported'
}}) }}
{#- A first delivery may tell of months, so the day that it reports is not where telling begins. Stragglers from before
    it are few. -#}

with told as (
    select
        valid_day,
        sum(change) as crossings
    from {{ ref('flow_delta') }}
    group by valid_day
    having sum(change) > 0
),

usual as (
    select median(crossings) as crossings
    from told
),

begun as (
    select min(told.valid_day) as day
    from told
    inner join usual on told.crossings >= 0.1 * usual.crossings
    union all
    select min(delivery.business_date) as day
    from {{ source('quality', 'delivery') }} as delivery
    where delivery.state = 'accepted' and delivery.feed = 'border_crossings'
)

select
    min(day) as first_day,
    cast({{ var('load_seq') }} as integer) as known_seq
from begun
