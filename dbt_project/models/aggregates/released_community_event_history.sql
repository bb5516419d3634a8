{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.community_event_history', 'analysis': 'statistics.community_event_history'
}}) }}

select
    event.* exclude (size, other_community_id, is_public),
    if(
        event.other_community_id in (
            select other.community_id from {{ ref('community_event_history') }} as other
            where other.is_public
        ),
        event.other_community_id, null
    ) as other_community_id,
    last_day(event.event_on) as period,
    'community_events' as indicator,
    cast(1 as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('last_day(event.event_on)') }} as obs_status,
    event.known_from_seq as known_seq
from {{ ref('community_event_history') }} as event
where event.is_public
