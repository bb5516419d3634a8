{% macro standing_table(schema, name) -%}
{#- The table as the load before left it, none where there is none; for models that it depends on itself. -#}
    {%- if execute -%}
        {{ return(adapter.get_relation(target.database, schema, name)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
