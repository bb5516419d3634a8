{% macro place_code(level, kato, digits) -%}
{#- The code of the region or district that a territory code lies in, `_U` where the register knows none.
    The first digits say it: two the region, four the district. `kato` bears the name of its relation, for without one
    it would be the register's own. -#}
coalesce(
    (
        select min(place.kato)
        from {{ ref(level) }} as place
        where left(place.kato, {{ digits }}) = left({{ kato }}, {{ digits }})
    ),
    '_U'
)
{%- endmacro %}
