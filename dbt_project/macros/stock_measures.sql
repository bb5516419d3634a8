{#- How signed changes become the measures of a stock; the daily and the monthly one say it the same way. -#}

{% macro stock_sums() -%}
{#- Changes of a day or month: open stays with and without a sign of life, and what the silent count for less. -#}
sum(if(indicator = 'present_confirmed', change, 0)) as confirmed,
        sum(if(indicator = 'presence_unknown', change, 0)) as unknown,
        sum(coalesce(less, 0)) as less,
        sum(coalesce(less_lower, 0)) as less_lower,
        sum(coalesce(less_upper, 0)) as less_upper,
        sum(coalesce(scatter, 0)) as scatter
{%- endmacro %}

{% macro stock_running(change) -%}
{#- The same, summed up to each day or month of the window `running`. -#}
{%- for name in ['confirmed', 'unknown', 'less', 'less_lower', 'less_upper', 'scatter'] %}
        sum(coalesce({{ change }}.{{ name }}, 0)) over running as {{ name }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro stock_totals(measures) -%}
{#- Sums of cells that `stock_sums` made. -#}
{%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro stock_measures(stock) -%}
{#- Value, bounds and variance of each row of `stock_indicators`. -#}
indicator.indicator,
    cast(case indicator.indicator
        when 'present_confirmed' then {{ stock }}.confirmed
        when 'presence_unknown' then {{ stock }}.unknown
        else {{ stock }}.confirmed + {{ stock }}.unknown - {{ stock }}.less
    end as double) as value,
    cast(
        if(indicator.indicator = 'stock', {{ stock }}.confirmed + {{ stock }}.unknown - {{ stock }}.less_lower, null)
        as double
    ) as lower,
    cast(
        if(indicator.indicator = 'stock', {{ stock }}.confirmed + {{ stock }}.unknown - {{ stock }}.less_upper, null)
        as double
    ) as upper,
    cast(if(indicator.indicator = 'stock', {{ stock }}.scatter, null) as double) as variance
{%- endmacro %}

{% macro stock_indicators() -%}
cross join (values ('stock'), ('present_confirmed'), ('presence_unknown')) as indicator (indicator)
{%- endmacro %}
