{#- A view is replaced in one statement; dbt's own way makes it beside the old one and renames twice. -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- do replace_relation(target) -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A table is replaced in one statement, too; dbt's own way looks up constraints, indexes and grants, of which no table
    here has any, and renames twice. -#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- do replace_relation(target) -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A table that stands takes in what a load brings by the model's strategy, in one transaction, with columns that it
    lacks added first. What the model selected is dropped at once: dbt's own way keeps it until the last model is done. -#}
{% materialization incremental, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- if is_incremental() -%}
        {%- set fresh = make_temp_relation(target) -%}
        {%- do run_query(create_table_as(True, fresh, sql)) -%}
        {%- set columns = adapter.get_columns_in_relation(fresh) -%}
        {%- set known = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
        {%- set added = columns | rejectattr('name', 'in', known) | list -%}
        {%- do alter_relation_add_remove_columns(target, added, none) if added -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
        {%- call statement('main') -%}
            {{ strategy({'target_relation': target, 'temp_relation': fresh, 'dest_columns': columns}) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- do run_query('drop table ' ~ fresh.include(database=False, schema=False)) -%}
    {%- else -%}
        {%- do replace_relation(target) -%}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro replace_relation(target) %}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing is not none and standing.type != target.type -%}
        {%- do adapter.drop_relation(standing) -%}
    {%- endif -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace {{ target.type }} {{ target }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {%- do adapter.commit() -%}
{% endmacro %}
