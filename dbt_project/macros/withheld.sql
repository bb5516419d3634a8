{% macro withheld(relation, dimensions, unit=1) -%}
{#- Rows of a table of statistics from counts: one below ten is withheld, others are rounded to `unit`. -#}
select
    period,
    {% for dimension in dimensions %}
    {{ dimension }},
    {% endfor %}
    indicator,
    cast(if(persons < 10, null, round(persons / {{ unit }}) * {{ unit }}) as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    if(persons < 10, 'Q', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq
from {{ relation }}
{%- endmacro %}
