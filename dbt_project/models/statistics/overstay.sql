{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.overstay', 'analysis': 'statistics.overstay'
}}) }}

with month as (
    {{ control_months(['departures_due', 'overstays']) }}
),

figure as (
    unpivot (
        select
            *,
            overstays as hits,
            departures_due as tries,
            overstays / nullif(departures_due, 0) as overstay_rate
        from month
        where departures_due > 0
    )
    on departures_due, overstays, overstay_rate
    into name indicator value value
)

select
    period,
    cube,
    citizenship,
    purpose,
    indicator,
    value,
    if(indicator = 'overstay_rate', {{ wilson('hits', 'tries', '-') }}, null) as lower,
    if(indicator = 'overstay_rate', {{ wilson('hits', 'tries', '+') }}, null) as upper,
    if(indicator = 'overstay_rate', 'E', {{ final_or_provisional('period') }}) as obs_status,
    {{ known_now() }} as known_seq
from figure
