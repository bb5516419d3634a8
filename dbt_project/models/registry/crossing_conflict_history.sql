{#- Where posts lie is not asked here: the register of posts may come later, and touches no person. -#}
{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['kind', 'first_record_id', 'second_record_id'],
    meta={'scope': 'period', 'since': 'first_on'}
) }}
-- depends_on: {{ ref('touched_period') }}

with crossing as (
    select
        person_id,
        record_id,
        event_at,
        event_on,
        post_code,
        direction
    from {{ ref('touched_crossing') }}
    where direction in ('entry', 'exit')
),

followed as (
    select
        *,
        lead(record_id) over course as next_record_id,
        lead(event_at) over course as next_at,
        lead(event_on) over course as next_on,
        lead(post_code) over course as next_post
    from crossing
    where event_at is not null
    window course as (partition by person_id order by event_at, record_id)
),

fatal as (
    select
        person_id,
        'civil_events' as feed,
        record_id,
        happened_on as event_on,
        'crossing_after_death' as kind
    from {{ ref('touched_departure') }}
    where kind = 'death'
    union all
    select
        touched.person_id,
        event.feed,
        event.record_id,
        event.event_on,
        'entry_after_expulsion' as kind
    from {{ ref('case_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
    where event.event = 'expulsion_executed'
)

select
    person_id,
    'two_posts' as kind,
    'border_crossings' as first_feed,
    record_id as first_record_id,
    next_record_id as second_record_id,
    event_on as first_on,
    next_on as second_on,
    post_code as first_post,
    next_post as second_post,
    date_diff('second', event_at, next_at) / 60.0 as minutes_between,
    {{ opened_now() }}
from followed
where post_code <> next_post and next_at <= event_at + interval 12 hour
union all
select
    fatal.person_id,
    fatal.kind,
    fatal.feed as first_feed,
    fatal.record_id as first_record_id,
    crossing.record_id as second_record_id,
    crossing.event_on as first_on,
    crossing.event_on as second_on,
    null as first_post,
    crossing.post_code as second_post,
    null as minutes_between,
    {{ opened_now() }}
from fatal
inner join crossing
    on fatal.person_id = crossing.person_id and fatal.event_on < crossing.event_on
where fatal.kind = 'crossing_after_death' or crossing.direction = 'entry'
