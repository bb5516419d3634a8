{% macro control_months(indicators) -%}
{#- One row per month, table and cell of the figures of control named; `_T` where the table does not break down. -#}
select
    last_day(cell.valid_day) as period,
    if(grouping(cell.purpose) = 1, 'citizenship', 'purpose') as cube,
    coalesce(cell.citizenship, '_T') as citizenship,
    coalesce(cell.purpose, '_T') as purpose,
    {% for indicator in indicators -%}
    cast(sum(if(cell.indicator = '{{ indicator }}', cell.change, 0)) as double) as {{ indicator }}
    {{- ',' if not loop.last }}
    {% endfor -%}
from {{ ref('released_stay_control_delta') }} as cell
where last_day(cell.valid_day) in ({{ month_ends() }})
group by grouping sets ((period, cell.citizenship), (period, cell.purpose))
{%- endmacro %}
