{#- Both ends of a flight are kept: which of them is a post is not asked here, since the register may come later. -#}
{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'direction', 'post_code', 'flight', 'flight_on'],
    meta={'scope': 'person'}
) }}
{#- Control and the scheduled time lie no further apart: flights are late, and queues are long. A schedule is told by
    the clock of the airport, so passages are read by it too. -#}
{%- set most_hours = 12 %}
-- depends_on: {{ ref('touched_person') }}

with listed as (
    select
        touched.person_id,
        event.*
    from {{ ref('announcement_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
),

announced as (
    select
        person_id,
        'entry' as direction,
        arrival_airport as post_code,
        flight,
        arrives_on as flight_on,
        min(arrives_at) as flight_at,
        min(record_id) as record_id
    from listed
    where arrival_airport is not null and arrives_on is not null
    group by all
    union all
    select
        person_id,
        'exit' as direction,
        departure_airport as post_code,
        flight,
        departs_on as flight_on,
        min(departs_at) as flight_at,
        min(record_id) as record_id
    from listed
    where departure_airport is not null and departs_on is not null
    group by all
),

crossing as (
    select
        touched.person_id,
        event.record_id,
        if(event.direction in ('entry', 'refused_entry'), 'entry', 'exit') as direction,
        event.post_code,
        event.flight,
        event.event_on,
        timezone({{ clock_at_post('event.post_code') }}, event.event_at) as crossed_at
    from ({{ wide_rows(
        ref('crossing_event_history'), 'kept', 'kept.known_to_seq is null',
        'inner join ' ~ ref('touched_observation') ~ ' as touched on kept.observation_id = touched.observation_id'
        ~ ' inner join announced on touched.person_id = announced.person_id'
        ~ ' and kept.event_on between announced.flight_on - 2 and announced.flight_on + 2'
    ) }}) as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
),

pair as (
    select
        announced.*,
        crossing.record_id as crossing_record_id,
        crossing.event_on as crossed_on,
        crossing.flight as crossed_flight,
        [
            cast(announced.flight is distinct from crossing.flight as integer),
            coalesce(abs(date_diff('minute', announced.flight_at, crossing.crossed_at)), 0)
        ] as distance
    from announced
    inner join crossing
        on
            announced.person_id = crossing.person_id and announced.direction = crossing.direction
            and announced.post_code = crossing.post_code
            and coalesce(
                abs(date_diff('minute', announced.flight_at, crossing.crossed_at)) <= 60 * {{ most_hours }},
                abs(announced.flight_on - crossing.event_on) <= 1
            )
),

ranked as (
    select
        *,
        row_number() over (
            partition by record_id, direction order by distance, crossing_record_id
        ) as place_of_crossing,
        row_number() over (
            partition by crossing_record_id order by distance, flight_on, flight, record_id
        ) as place_of_list
    from pair
)

select
    announced.person_id,
    announced.direction,
    announced.post_code,
    announced.flight,
    announced.flight_on,
    announced.record_id,
    met.crossing_record_id,
    met.crossed_on,
    met.crossed_flight,
    {{ opened_now() }}
from announced
left join ranked as met
    on
        announced.record_id = met.record_id and announced.direction = met.direction
        and met.place_of_crossing = 1 and met.place_of_list = 1
