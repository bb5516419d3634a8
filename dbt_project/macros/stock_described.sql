{#- The cubes of the stock that are made at reference dates of what changes do not carry. -#}

{% macro described_cubes() -%}
{#- Each by its name. A protected group stands by region alone, and none of these dimensions tells of one. -#}
{{ return({
    'region_birth_country': ['region', 'birth_country'],
    'region_duration': ['region', 'duration'],
    'citizenship_duration': ['citizenship', 'duration'],
    'purpose_duration': ['purpose', 'duration'],
    'region_status': ['region', 'status'],
}) }}
{%- endmacro %}

{% macro population_cubes() -%}
{#- Each by its name; `population` stands beside these dimensions. Holders of papers are not told by region: less those of
    each status of the region they would be its refugees and kandas. -#}
{{ return({'population_region': ['region'], 'population_citizenship': ['citizenship']}) }}
{%- endmacro %}

{% macro described_dimensions() -%}
{#- Dimensions of these cubes beside those of all others. -#}
{{ return(['birth_country', 'duration', 'status']) }}
{%- endmacro %}
