{% test never_overlaps(model) %}
{#- Current intervals of touched persons that begin before the one before them ends. -#}
with neighbour as (
    select
        valid_from,
        lag(coalesce(valid_to, 'infinity')) over (partition by person_id order by valid_from) as ended_before
    from {{ model }}
    where
        known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
)

select valid_from
from neighbour
where valid_from < ended_before
{% endtest %}
