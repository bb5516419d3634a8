{% test identifies(model, column_name) %}
{#- Values that several rows share, or none: one look where `unique` and `not_null` would be two. -#}
select {{ column_name }}
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
