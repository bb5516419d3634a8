{% macro wide_rows(relation, row, condition, join='') -%}
{#- Rows of a table of many columns that a condition on few of them keeps. Where a join decides, the engine reads all
    columns of all rows; of rows found by their places first it reads the other columns of these alone. `join` narrows them before. -#}
select {{ row }}.* from {{ relation }} as {{ row }}
where {{ row }}.rowid in (select {{ row }}.rowid from {{ relation }} as {{ row }} {{ join }} where {{ condition }})
{%- endmacro %}
