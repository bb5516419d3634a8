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

{% macro stock_grain(cube) -%}
{#- Dimensions of the cells from which a cube is added up; several cubes share them. No other cells have all of these. -#}
{% for grain in stock_grains() if stock_cubes()[cube] | reject('in', grain) | list == [] %}{{ return(grain) }}{% endfor %}
{%- endmacro %}

{% macro stock_grains() -%}
{{ return([
    ['region', 'citizenship', 'sex', 'age_group'],
    ['region', 'citizenship', 'category', 'purpose'],
    ['region', 'district'],
]) }}
{%- endmacro %}

{% macro cube_columns(dimensions, all_dimensions=none) -%}
{#- All dimensions of the stock, or `all_dimensions`; those that a cube does not have are totals. -#}
{%- for dimension in all_dimensions or stock_dimensions() %}
        {{ dimension if dimension in dimensions else "'_T'" }} as {{ dimension }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
