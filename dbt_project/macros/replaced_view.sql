{#- A view is replaced in one statement; dbt's own way makes it beside the old one and renames twice. -#}
{% materialization view, adapter='duckdb' %}
    {%- set standing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- if standing is not none and not standing.is_view -%}
        {%- do adapter.drop_relation(standing) -%}
    {%- endif -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace view {{ target }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
