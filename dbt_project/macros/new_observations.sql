{#- Incremental strategy `new_observations`: adds what is not there yet and never changes what is. -#}
{% macro get_incremental_new_observations_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where first_load_seq >= {{ var('load_seq') }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where observation_id not in (select known.observation_id from {{ arg_dict['target_relation'] }} as known);
{% endmacro %}
