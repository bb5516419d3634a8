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

{% macro place_on(level, kato, day) -%}
{#- The same by the borders of `day`, as `place_span` has them: what happened before a region was cut out of another one
    happened in that one, whatever code the record bears. Without a day any borders do. -#}
coalesce(
    (
        select min(span.{{ level }})
        from {{ ref('place_span') }} as span
        where
            span.digits = left({{ kato }}, {{ 2 if level == 'region' else 4 }})
            and coalesce(span.valid_from <= {{ day }}, true) and coalesce({{ day }} < span.valid_to, true)
    ),
    '_U'
)
{%- endmacro %}
