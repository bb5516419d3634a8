{% macro flight_number(written) -%}
{#- A flight as anybody writes it, in one form: letters and digits alone, no zeros before the number, `_U` unwritten. -#}
coalesce(nullif(regexp_replace(
        regexp_replace(upper({{ written }}), '[^A-Z0-9]', '', 'g'), '^([A-Z]{3}|[A-Z0-9]{2})0+([0-9])', '\1\2'
    ), ''), '_U')
{%- endmacro %}

{% macro carrier_of(flight) -%}
{#- The carrier that a flight number names: two characters of IATA or three letters of ICAO. -#}
coalesce(nullif(regexp_extract({{ flight }}, '^([A-Z]{3}|[A-Z0-9]{2})[0-9]{1,4}[A-Z]?$', 1), ''), '_U')
{%- endmacro %}
