{% test holds(model, condition) %}
{#- Rows of which `condition` is false; an unknown answer passes. -#}
select 1 as broken
from {{ model }}
where not ({{ condition }})
{% endtest %}
