{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}

{% for entry in scheduled_feeds() %}
select
    '{{ entry.feed }}' as feed,
    delivery_id,
    business_date,
    happened_on,
    {{ "coalesce(left(kato, 2), '_U')" if entry.has_kato else "'_T'" }} as region_digits,
    {{ "coalesce(post_code, '_U')" if entry.has_post else "'_T'" }} as post_code,
    count(distinct record_id) as records,
    count(distinct record_id) filter (where is_citizen_stripped) as citizens,
    cast(load_seq as integer) as known_seq
from {{ source('raw', entry.feed) }}
{% if is_incremental() -%}
where load_seq = {{ var('load_seq') }}
{% endif -%}
group by all
{{ 'union all' if not loop.last }}
{% endfor %}
