{{ config(meta={'publish': {'aggregates': 'quality.lateness', 'analysis': 'quality.lateness'}}) }}

with waited as (
    select
        feed,
        region,
        post_code,
        greatest(made_on - happened_on, 0) as days,
        sum(records) as records
    from {{ ref('counted_arrival') }}
    where happened_on > (select max(covered.period) from ({{ covered_days() }}) as covered) - 365
    group by all
),

reported as (
    select
        waited.feed,
        waited.region,
        waited.post_code,
        delay.delay_days,
        sum(waited.records) filter (where waited.days <= delay.delay_days) as reported,
        sum(waited.records) as counted
    from waited
    cross join (values (0), (1), (2), (3), (7), (14), (30), (60), (90)) as delay (delay_days)
    group by all
)

select
    feed,
    region,
    post_code,
    delay_days,
    cast(coalesce(reported, 0) as bigint) as reported,
    cast(counted as bigint) as counted,
    coalesce(reported, 0) / counted as share_reported
from reported
