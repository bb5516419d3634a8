{{ config(
    materialized='incremental', incremental_strategy='changed_records', meta={'scope': 'changed'}
) }}

{%- set facts = {
    'event_at': 'timestamp with time zone', 'kato': 'varchar', 'valid_until': 'date', 'origin_country': 'varchar',
    'family_id': 'varchar', 'family_role': 'varchar', 'needs': 'varchar[]', 'population': 'varchar',
    'return_area': 'varchar', 'wish_signed': 'boolean', 'arrival_reason': 'varchar', 'in_quota': 'boolean',
    'ethnicity': 'varchar', 'education_isced': 'varchar', 'occupation_isco': 'varchar', 'occurred_on': 'date',
    'detected_at': 'timestamp with time zone', 'guardian_present': 'boolean', 'article': 'varchar',
    'centre_code': 'varchar', 'court': 'varchar', 'ban_until': 'date', 'employer_bin': 'varchar',
    'detected_by': 'varchar',
} %}
{%- set known = {
    'asylum_cases': ['valid_until', 'kato', 'origin_country', 'family_id', 'needs'],
    'return_cases': ['population', 'return_area', 'wish_signed'],
    'kandas_cases': [
        'kato', 'origin_country', 'family_id', 'family_role', 'arrival_reason', 'in_quota', 'ethnicity',
        'education_isced', 'occupation_isco',
    ],
    'enforcement_cases': [
        'event_at', 'kato', 'occurred_on', 'detected_at', 'guardian_present', 'article', 'centre_code', 'court',
        'ban_until', 'employer_bin', 'detected_by',
    ],
} %}

{% for feed, own in known.items() %}
select
    '{{ feed }}' as feed,
    record_id,
    {{ observation_id() }} as observation_id,
    case_id,
    event,
    {% for fact, type in facts.items() %}
    {{ fact if fact in own else 'cast(null as ' ~ type ~ ') as ' ~ fact }},
    {% endfor %}
    coalesce(happened_on, business_date) as event_on
from ({{ changed_records(feed) }}) as record
{{ 'union all' if not loop.last }}
{% endfor %}
