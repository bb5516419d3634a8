{% macro wilson(hits, tries, side) -%}
{#- Wilson's 95 % bound of the share `hits` of `tries`: `side` is '-' for the lower and '+' for the upper one. -#}
{%- set z2 = 3.8414588 -%}
(
    {{ hits }} + {{ z2 / 2 }}
    {{ side }} sqrt({{ z2 }} * ({{ hits }} * ({{ tries }} - {{ hits }}) / nullif({{ tries }}, 0) + {{ z2 / 4 }}))
) / ({{ tries }} + {{ z2 }})
{%- endmacro %}
