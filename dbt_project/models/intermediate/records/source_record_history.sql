{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['feed', 'record_id'],
    meta={'scope': 'changed'}
) }}

{% for entry in person_feeds() %}
select
    '{{ entry["feed"] }}' as feed,
    record_id,
    {{ observation_id() }} as observation_id,
    coalesce(happened_on, business_date) as happened_on,
    cast({{ entry['event'] }} as varchar) as event,
    load_seq,
    {{ opened_now() }}
from ({{ changed_records(entry['feed']) }}) as record
where not is_citizen_stripped
{{ 'union all' if not loop.last }}
{% endfor %}
