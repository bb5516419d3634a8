{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- The schema as declared; a model without one is a mistake of its author. -#}
    {%- if custom_schema_name is none -%}
        {{- exceptions.raise_compiler_error(node.name ~ " declares no schema") -}}
    {%- endif -%}
    {{- custom_schema_name | trim -}}
{%- endmacro %}
