{% macro touched_post_months() -%}
{#- One row per month in which this load changed the passages or the hours of a post. -#}
select last_day(cast(passed.valid_hour as date)) as period
from {{ ref('post_hour_delta') }} as passed
where passed.known_seq = {{ var('load_seq') }}
union
select last_day(cast(told.hour_from as date)) as period
from {{ source('raw', 'post_hours') }} as told
where told.record_id in (
    select changed.record_id
    from {{ source('intake', 'changed_record') }} as changed
    where changed.feed = 'post_hours'
)
{%- endmacro %}

{#- Incremental strategy `post_months`: the months that this load touched give way to what they are now. -#}
{% macro get_incremental_post_months_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where period in ({{ touched_post_months() }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
