{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={'publish': {
    'aggregates': 'statistics.passenger_delta', 'analysis': 'statistics.passenger_delta'
}}) }}

with listed as (
    {{ versions(ref('listed_passage_history'), 'true') }}
),

flown as (
    {{ versions(ref('crossing_event_history'), 'flight is not null and observation_id is not null') }}
),

told as (
    select
        flight_on as valid_day,
        direction,
        post_code,
        flight,
        unnest(if(crossing_record_id is null, ['announced'], ['announced', 'seen_as_announced'])) as indicator,
        change,
        known_seq
    from listed
    union all
    select
        crossed_on as valid_day,
        direction,
        post_code,
        crossed_flight as flight,
        'seen_unlisted' as indicator,
        -change as change,
        known_seq
    from listed
    where crossed_flight is not null
    union all
    select
        event_on as valid_day,
        if(direction in ('entry', 'refused_entry'), 'entry', 'exit') as direction,
        post_code,
        flight,
        'seen_unlisted' as indicator,
        change,
        known_seq
    from flown
)

select
    valid_day,
    direction,
    post_code,
    {{ carrier_of('flight') }} as carrier,
    flight,
    indicator,
    cast(sum(change) as bigint) as change,
    cast(known_seq as integer) as known_seq
from told
group by all
having sum(change) <> 0
