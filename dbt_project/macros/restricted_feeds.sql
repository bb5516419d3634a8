{% macro restricted_feeds() -%}
{#- The person feeds whose name alone tells of protection, ethnicity or offence, as a list of SQL texts. -#}
'{{ person_feeds() | selectattr('is_restricted') | map(attribute='feed') | join("', '") }}'
{%- endmacro %}
