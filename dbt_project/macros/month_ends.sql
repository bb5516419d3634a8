{% macro month_ends() -%}
{#- One row per month end that the deliveries cover. -#}
select covered.period
from ({{ covered_days() }}) as covered
where covered.period = last_day(covered.period)
{%- endmacro %}

