{% macro lacks_history() -%}
{#- True where a model that keeps the history of persons has no table yet: it then needs everybody, not the touched. -#}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.config.incremental_strategy == 'bitemporal'
            and node.config.meta.get('scope') in ('person', 'period', 'right', 'link') -%}
            {%- if adapter.get_relation(node.database, node.schema, node.alias) is none -%}
                {{ return(true) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(false) }}
{%- endmacro %}
