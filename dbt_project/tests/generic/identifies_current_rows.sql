{% test identifies_current_rows(model, columns) %}
{#- Rows of this load whose key is empty or shared by another row known now. Rows of earlier loads were judged then. -#}
with opened as (
    select distinct {{ columns | join(', ') }}
    from {{ model }}
    where known_from_seq = {{ var('load_seq') }}
),

current_row as (
    select {{ columns | join(', ') }}
    from {{ model }}
    where known_to_seq is null
)

select {{ columns | join(', ') }}
from current_row
inner join opened using ({{ columns | join(', ') }})
group by {{ columns | join(', ') }}
having count(*) > 1
union all
select {{ columns | join(', ') }}
from opened
where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
