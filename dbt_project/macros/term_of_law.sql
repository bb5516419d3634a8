{% macro term_of_law(term, day) -%}
{#- The length of a term of law as it stands on a day, in the unit of `legal_term`. -#}
(
    select term.amount from {{ ref('legal_term') }} as term
    where term.term = '{{ term }}' and {{ day }} >= term.valid_from and coalesce({{ day }} < term.valid_to, true)
)
{%- endmacro %}
