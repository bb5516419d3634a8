{% macro category_on(category, person, day) -%}
{#- Condition: the row of `category` is about `day`, or about the first day of a person who is seen after it. -#}
{{ person }}.person_id = {{ category }}.person_id
        and {{ category }}.valid_from <= greatest({{ day }}, {{ person }}.first_seen_on)
        and coalesce({{ category }}.valid_to > greatest({{ day }}, {{ person }}.first_seen_on), true)
        and coalesce({{ category }}.known_from_seq < {{ person }}.known_to_seq, true)
        and coalesce({{ person }}.known_from_seq < {{ category }}.known_to_seq, true)
{%- endmacro %}
