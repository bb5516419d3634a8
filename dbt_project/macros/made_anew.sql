{#- Incremental strategy `made_anew`: what the model selects takes the place of all that stands; where it selects nothing,
    all stays. -#}
{% macro get_incremental_made_anew_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where exists (select 1 from {{ arg_dict['temp_relation'] }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
