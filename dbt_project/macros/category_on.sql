{% macro category_on(category, person, day) -%}
{#- Condition: the row of `category` is about `day`, or about the first day of a person who is seen after it. -#}
{{ person }}.person_id = {{ category }}.person_id
        and {{ category }}.valid_from <= greatest({{ day }}, {{ person }}.first_seen_on)
        and coalesce({{ category }}.valid_to > greatest({{ day }}, {{ person }}.first_seen_on), true)
        and coalesce({{ category }}.known_from_seq < {{ person }}.known_to_seq, true)
        and coalesce({{ person }}.known_from_seq < {{ category }}.known_to_seq, true)
{%- endmacro %}

{% macro by_day(person, column, day) -%}
{#- What a person is on such a day by the last act of citizenship: before it takes effect, what the person was. -#}
if(
        greatest({{ day }}, {{ person }}.first_seen_on) < {{ person }}.acted_on,
        {{ person }}.former_{{ column }}, {{ person }}.{{ column }}
    )
{%- endmacro %}

{% macro nationality(citizenship) -%}
{#- What a valid certificate, or a state, says of who has the citizenship; for person_base. -#}
case
        when paper.certified_to > summary.last_seen_on then 'stateless_recognised'
        when {{ citizenship }} = 'XXA' then 'stateless_reported'
        when
            paper.is_undetermined or {{ citizenship }} is null
            or {{ citizenship }} in ('XXX', 'XXB', 'XXC')
            or {{ citizenship }} not in (select country.code from {{ ref('country') }} as country)
            then 'undetermined'
        else 'national'
    end
{%- endmacro %}
