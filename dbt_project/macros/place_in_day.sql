{% macro place_in_day(event) -%}
{#- The order of the steps of a case that fall on one day; empty for what is no step of a status. A decision comes before
    what follows from it. -#}
list_position(
            [
                'applied', 'certificate_issued', 'granted', 'extended', 'refused', 'appealed', 'appeal_decided',
                'recognised', 'ceased', 'citizenship_acquired', 'lapsed'
            ],
            {{ event }}
        )
{%- endmacro %}
