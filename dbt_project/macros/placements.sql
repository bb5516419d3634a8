{% macro placements(claims) -%}
{#- One row per person and interval: the best of the claims about a place on each day of a stay of the touched period.

    `claims` has the columns of touched_place. -#}
select
    person_id,
    region,
    district,
    kato,
    host_type,
    basis_feed,
    confidence,
    valid_from,
    valid_to,
    {{ opened_now() }}
from ({{ best_claims(claims, ['region', 'district', 'kato', 'host_type', 'basis_feed', 'confidence']) }}) as best
{%- endmacro %}

{% macro first_places(asked, keys, day, places, columns) -%}
{#- One row per row of `asked` of whose person a place is known on `day` or later: the first of these places.

    Whoever is first heard of by leaving tells no place then. Where they are once they are heard of again is the best
    that is known of where they were. `keys` tell the rows of `asked` apart; `places` have 9999-12-31 for an open end. -#}
select
    {{ keys | join(', ') }},
    {% for column in columns %}
    arg_min(coalesce({{ column }}, '_U'), valid_from) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ asked }} as asked
inner join {{ places }} as place using (person_id)
where {{ day }} < valid_to
group by {{ keys | join(', ') }}
{%- endmacro %}
