{% macro presence(ended_on, last_sign_on, day) -%}
{#- Whether a person whose stay ended or last gave a sign of life on these days is in the country on `day`. -#}
case
    when {{ ended_on }} <= {{ day }} then 'left'
    when {{ last_sign_on }} + 90 >= {{ day }} then 'present'
    else 'unknown'
end
{%- endmacro %}

{% macro last_covered_day() -%}
{#- The last day that an accepted delivery reports. -#}
(
    select max(delivery.business_date)
    from {{ source('quality', 'delivery') }} as delivery
    where delivery.state = 'accepted'
)
{%- endmacro %}
