{% macro weekdays(after, until) -%}
{#- Days from Monday to Friday after the one day, up to and with the other; public holidays count as weekdays. -#}
(
    {{ weekdays_before('(' ~ until ~ ' + 1)') }}
    - {{ weekdays_before('(' ~ after ~ ' + 1)') }}
)
{%- endmacro %}

{% macro weekdays_before(day) -%}
{#- Weekdays from a Monday long ago to the day before. -#}
(({{ day }} - date '1900-01-01') // 7 * 5 + least(({{ day }} - date '1900-01-01') % 7, 5))
{%- endmacro %}
