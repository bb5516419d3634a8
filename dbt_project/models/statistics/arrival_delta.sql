{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{%- set load = var('load_seq') %}

with told as (
    {% for entry in scheduled_feeds() -%}
    {{ told_versions(entry, 'load_seq = ' ~ load if is_incremental() else 'true') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- One row per row version of a record that one delivery tells of: asked once for all feeds, not for each.
told_once as (
    select told.*
    from told
    anti join {{ source('intake', 'standing') }} as settled
        on told.feed = settled.feed and told.record_id = settled.record_id
),

told_again as (
    {% for entry in scheduled_feeds() -%}
    {{ told_versions(entry, 'record_id in ' ~ settled_records(entry.feed, is_incremental())) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        told_again.*,
        delivery.rank
    from told_again
    inner join {{ source('intake', 'ranking') }} as delivery on told_again.delivery_id = delivery.delivery_id
),

arrived as (
    select distinct
        * exclude (outcome, known_from_seq, known_to_seq),
        1 as change
    from told_once
    union all
    select
        * exclude (outcome, known_from_seq, known_to_seq, rank),
        1 as change
    from ({{ first_told('ranked', load) }}) as held
    {% if is_incremental() %}
    union all
    select
        * exclude (outcome, known_from_seq, known_to_seq, rank),
        -1 as change
    from ({{ first_told('ranked', load | int - 1) }}) as was_held
    {% endif %}
)

select
    feed,
    delivery_id,
    business_date,
    happened_on,
    region_digits,
    post_code,
    cast(sum(change) as bigint) as records,
    cast(coalesce(sum(change) filter (where is_citizen_stripped), 0) as bigint) as citizens,
    cast({{ load }} as integer) as known_seq
from arrived
group by all
having sum(change) <> 0
