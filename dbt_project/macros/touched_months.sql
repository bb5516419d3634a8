{#- Incremental strategy `touched_months`: the months that this load touched give way to what they are now. -#}
{% macro get_incremental_touched_months_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where period in (select touched.period from {{ ref('touched_month') }} as touched);

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
