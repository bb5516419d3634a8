{% macro mean_deviation_at_random(drawn, marked, total) -%}
{#- Mean absolute deviation of the number of `marked` among `drawn` of `total` drawn without replacement: with m the first
    whole number above the mean, 2 m (total - marked - drawn + m) / total times the probability of m. -#}
{%- set m = "(floor(" ~ drawn ~ " * " ~ marked ~ " / " ~ total ~ ") + 1)" -%}
case
    when {{ m }} > least({{ drawn }}, {{ marked }}) then 0
    else
        2 * {{ m }} * ({{ total }} - {{ marked }} - {{ drawn }} + {{ m }}) / {{ total }} * exp(
            {{ log_choose(marked, m) }}
            + {{ log_choose(total ~ ' - ' ~ marked, drawn ~ ' - ' ~ m) }}
            - {{ log_choose(total, drawn) }}
        )
end
{%- endmacro %}

{% macro log_choose(n, k) -%}
(lgamma({{ n }} + 1) - lgamma({{ k }} + 1) - lgamma({{ n }} - ({{ k }}) + 1))
{%- endmacro %}

{% macro entropy_of(share) -%}
{#- What a share adds to the entropy; nothing where nobody is. -#}
if({{ share }} > 0, -({{ share }}) * ln({{ share }}), 0)
{%- endmacro %}
