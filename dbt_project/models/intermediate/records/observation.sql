{{ config(materialized='incremental', incremental_strategy='new_observations', unique_key=['observation_id']) }}

with seen as (
    {% for entry in person_feeds() %}
    select
        {{ identity_columns() | join(', ') }},
        {{ observation_id() }} as observation_id,
        iin is not null and not coalesce(list_contains(flags, 'iin_unverified'), false) as iin_verified
    from ({{ changed_records(entry['feed']) }}) as record
    where not is_citizen_stripped
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    observation_id,
    {% for column in identity_columns() %}
    any_value({{ column }}) as {{ column }},
    {% endfor %}
    bool_and(iin_verified) as iin_verified,
    count(birth_date) + count(document_number) + count(iin) > 0 as is_sufficient,
    cast({{ var('load_seq') }} as integer) as first_load_seq
from seen
group by observation_id
