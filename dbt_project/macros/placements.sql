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
