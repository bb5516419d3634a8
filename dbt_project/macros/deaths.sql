{% macro deaths() -%}
{#- One row per touched person who has died: the first day that is told of it. -#}
select
        person_id,
        min(happened_on) as died_on
    from {{ ref('touched_departure') }}
    where kind = 'death'
    group by person_id
{%- endmacro %}
