{{ config(
    materialized='incremental', incremental_strategy='changed_records', meta={'scope': 'changed'}
) }}

select
    'stay_notifications' as feed,
    record_id,
    {{ observation_id() }} as observation_id,
    coalesce(stay_from, happened_on) as starts_on,
    reported_at as told_at,
    md5_number_lower(
        coalesce(
            'host ' || host_id,
            'address ' || coalesce(kato, '') || regexp_replace(lower(address), '[^\p{L}\p{N}]+', '', 'g')
        )
    ) as cluster_key,
    cast(null as varchar) as ethnicity
from ({{ changed_records('stay_notifications') }}) as record
where not is_citizen_stripped and action <> 'left'
union all
select
    'employment_records' as feed,
    record_id,
    {{ observation_id() }} as observation_id,
    happened_on as starts_on,
    null as told_at,
    md5_number_lower('host ' || employer_bin) as cluster_key,
    null as ethnicity
from ({{ changed_records('employment_records') }}) as record
where not is_citizen_stripped
{% for feed in ['kandas_cases', 'residence_moves'] %}
union all
select
    '{{ feed }}' as feed,
    record_id,
    {{ observation_id() }} as observation_id,
    coalesce(happened_on, business_date) as starts_on,
    null as told_at,
    null as cluster_key,
    ethnicity
from ({{ changed_records(feed) }}) as record
where not is_citizen_stripped
{% endfor %}
