{% macro family_threshold(tests) -%}
{#- The surprise that a cell must reach: the tests of all months of fifty years share an error of 1 %. -#}
ln({{ tests }} * 50 * 12 / 0.01)
{%- endmacro %}

{% macro basis_rank(basis) -%}
{#- Which of several bases names a community: the first of these. -#}
list_position(['citizenship', 'birth_country', 'ethnicity', 'host_type'], {{ basis }})
{%- endmacro %}
