{% macro place_code(level, kato, digits) -%}
{#- The code of the region or district that a territory code lies in, `_U` where the register knows none. -#}
if(
    rpad(left({{ kato }}, {{ digits }}), 9, '0') in (select place.kato from {{ ref(level) }} as place),
    rpad(left({{ kato }}, {{ digits }}), 9, '0'),
    '_U'
)
{%- endmacro %}
