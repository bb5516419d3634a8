{#- Why a load changes a figure: words that stand in the signed changes and are never guessed afterwards. -#}

{% macro covered_before() -%}
{#- The last day that the release before this load covered. -#}
coalesce((
    select max(delivery.business_date)
    from {{ reporting_deliveries() }} as delivery
    where delivery.load_seq < {{ var('load_seq') }}
), date '-infinity')
{%- endmacro %}

{% macro cause_of_record(begins, ends, day) -%}
{#- Cause by the versions of one record that this load opens and closes, and the day of its fact. -#}
case
    when not {{ begins }} then 'withdrawn'
    when {{ ends }} then 'correction'
    when {{ day }} <= {{ covered_before() }} then 'late_delivery'
    else 'new_day'
end
{%- endmacro %}

{% macro cause_on(cause, day) -%}
{#- A fact of a new day that changes a day told before is later evidence about that day. -#}
if({{ cause }} = 'new_day' and {{ day }} <= {{ covered_before() }}, 'later_evidence', {{ cause }})
{%- endmacro %}
