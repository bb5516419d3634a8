{{ config(
    materialized='incremental', incremental_strategy='changed_records', meta={'scope': 'changed'}
) }}

{% for entry in scheduled_feeds() if entry.strips and not entry.has_post %}
select
    '{{ entry.feed }}' as feed,
    record_id,
    coalesce(happened_on, business_date) as happened_on,
    {{ "coalesce(left(kato, 2), '_U')" if entry.has_kato else "'_T'" }} as region_digits
from ({{ changed_records(entry.feed) }}) as record
where is_citizen_stripped
{{ 'union all' if not loop.last }}
{% endfor %}
