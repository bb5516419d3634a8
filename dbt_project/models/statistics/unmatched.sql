{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.unmatched', 'analysis': 'statistics.unmatched'
}}) }}

with month as (
    {{ control_months(['exits_not_matched', 'entries_not_matched', 'grounds_unknown']) }}
),

figure as (
    unpivot month
    on exits_not_matched, entries_not_matched, grounds_unknown
    into name indicator value value
)

select
    period,
    cube,
    citizenship,
    purpose,
    indicator,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
where value <> 0
