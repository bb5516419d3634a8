{% test filled(model, columns) %}
{#- Rows in which one of the columns is empty: one look at a table for all of them. -#}
select 1 as broken
from {{ model }}
where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
