{% macro stock_cubes() -%}
{#- The two- and three-way tables of the stock, each by its name. -#}
{{ return({
    'citizenship_sex_age': ['citizenship', 'sex', 'age_group'],
    'citizenship_category': ['citizenship', 'category'],
    'citizenship_purpose': ['citizenship', 'purpose'],
    'region_citizenship': ['region', 'citizenship'],
    'region_sex_age': ['region', 'sex', 'age_group'],
    'region_category': ['region', 'category'],
    'region_purpose': ['region', 'purpose'],
    'district': ['region', 'district'],
}) }}
{%- endmacro %}
