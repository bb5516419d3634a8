{% macro versions(relation, condition) -%}
{#- Row versions that meet a condition, as signed changes: one more from the load that opens a version, one less from the
    load that closes it. A night sees those of its own load. -#}
select
    *,
    1 as change,
    known_from_seq as known_seq
from {{ relation }}
where {{ condition }}
{%- if is_incremental() %} and known_from_seq = {{ var('load_seq') }}{% endif %}
union all
select
    *,
    -1 as change,
    known_to_seq as known_seq
from {{ relation }}
where {{ condition }} and known_to_seq is not null
{%- if is_incremental() %} and known_to_seq = {{ var('load_seq') }}{% endif %}
{%- endmacro %}
