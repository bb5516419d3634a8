{#- The days of which the stock is told by more than signed changes carry, and chances of single stays on them. -#}

{% macro reference_dates() -%}
{#- One row per such day: the ends of years whose figures are not final yet, which are the starts of the next ones, and the
    last month end that the deliveries cover. Whoever is or may be here on one of them is looked at with each load. -#}
select month_end.period
from ({{ month_ends() }}) as month_end
qualify
    month_end.period = max(month_end.period) over ()
    or month(month_end.period) = 12 and {{ final_or_provisional('month_end.period') }} = 'P'
{%- endmacro %}

{% macro after_reference(told) -%}
{#- Condition: what is known now of an interval reaches beyond the first reference date. It keeps joins small. -#}
{{ told }}.known_to_seq is null
        and coalesce({{ told }}.valid_to, date '9999-12-31') > (
            select min(asked.period)
            from (
                {{ reference_dates() }}
            ) as asked
        )
{%- endmacro %}

{% macro lasting_terms() -%}
{#- Months for which a stay has to last so that somebody is here for a time, and lives here. -#}
{{ return([3, 12]) }}
{%- endmacro %}

{% macro chance_columns(ended, suffix='', beside=none) -%}
{#- Chance of a stay to go on on the day of which the row `curve` of its silence tells, with its bounds: 1 where there is none
    because it was still heard of, 0 where it had `ended`. Decimals, so that sums do not depend on the order of rows. A row
    `beside` tells of others who count with it. -#}
{%- for name in ['probability', 'lower', 'upper'] %}
    cast(
        if({{ ended }}, 0, coalesce(curve{{ suffix }}.{{ name }}, 1))
        {%- if beside %} + coalesce({{ beside }}.{{ name }}, 0){% endif %} as decimal(5, 4)
    ) as {{ name }}{{ suffix }}
    {{- ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro chance_joins(row, suffix='') -%}
{#- Joins that find `curve`: the chance on day `age_days` of a silence of `silent_days` days, of a class and an ending. -#}
left join {{ source('presence', 'age') }} as age{{ suffix }}
    on least({{ row }}.age_days{{ suffix }}, {{ longest_silence() }}) = age{{ suffix }}.days
left join {{ source('presence', 'age') }} as silence{{ suffix }}
    on greatest(least({{ row }}.silent_days{{ suffix }}, {{ longest_silence() }}), 0) = silence{{ suffix }}.days
left join {{ ref('weighed_curve') }} as curve{{ suffix }}
    on
        {{ row }}.class{{ suffix }} = curve{{ suffix }}.presence_class
        and {{ row }}.ending{{ suffix }} = curve{{ suffix }}.ending
        and age{{ suffix }}.band = curve{{ suffix }}.band and silence{{ suffix }}.band = curve{{ suffix }}.silent_band
        and curve{{ suffix }}.known_to_seq is null
{%- endmacro %}

{% macro duration_band(entered_on, day) -%}
{#- How long a stay has lasted at the end of a day, the days of entry and of that day both counted. -#}
case
        when {{ day }} - {{ entered_on }} < 30 then 'D001-030'
        when {{ day }} - {{ entered_on }} < 90 then 'D031-090'
        when {{ day }} - {{ entered_on }} < 180 then 'D091-180'
        when {{ day }} - {{ entered_on }} < 365 then 'D181-365'
        when {{ entered_on }} + interval 5 year > {{ day }} then 'Y01-05'
        when {{ entered_on }} is not null then 'Y05+'
        else '_U'
    end
{%- endmacro %}
