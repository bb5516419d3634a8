{% test never_overlaps(model) %}
{#- Current intervals that begin before the one before them ends, of persons of whom this load told the model something. -#}
with neighbour as (
    select
        valid_from,
        lag(coalesce(valid_to, 'infinity')) over (partition by person_id order by valid_from) as ended_before
    from ({{ wide_rows(
        model, 'kept',
        'kept.known_to_seq is null and kept.person_id in (select told.person_id from ' ~ model
        ~ ' as told where told.known_from_seq = ' ~ var('load_seq') ~ ')'
    ) }}) as kept
)

select valid_from
from neighbour
where valid_from < ended_before
{% endtest %}
