{% macro place_in_day(event) -%}
{#- The order of the steps of a case, or of the decisions on a paper, that fall on one day; empty for what is neither. A
    decision comes before what follows from it, and what ran out before what was prolonged. -#}
list_position(
            [
                'expired', 'applied', 'certificate_issued', 'granted', 'extended', 'refused', 'appealed',
                'appeal_decided', 'recognised', 'ceased', 'citizenship_acquired', 'lapsed', 'revoked'
            ],
            {{ event }}
        )
{%- endmacro %}
