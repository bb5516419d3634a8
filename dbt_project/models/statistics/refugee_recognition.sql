{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.refugee_recognition', 'analysis': 'statistics.refugee_recognition'
}}) }}

with step as (
    select
        coalesce(event.person_id, event.record_id) as seeker,
        event.case_id,
        event.event,
        event.event_on,
        event.record_id,
        {{ place_on('region', 'event.kato', 'event.event_on') }} as region,
        min(event.event_on) filter (where event.event = 'applied') over (
            partition by event.person_id, event.case_id
        ) as applied_on
    from {{ ref('case_history') }} as event
    where event.known_to_seq is null and event.feed = 'asylum_cases'
),

counted as (
    select
        last_day(event_on) as period,
        region,
        'asylum_' || event as indicator,
        count(distinct seeker) as persons
    from step
    where
        event in ('applied', 'recognised', 'refused', 'appealed', 'ceased')
        and last_day(event_on) in ({{ month_ends() }})
    group by all
    union all
    select
        month_end.period,
        step.region,
        'asylum_waiting' as indicator,
        count(distinct status.person_id) as persons
    from ({{ month_ends() }}) as month_end
    inner join {{ ref('legal_status') }} as status
        on status.valid_from <= month_end.period and coalesce(status.valid_to > month_end.period, true)
    inner join step on status.basis_record_id = step.record_id
    where status.basis_feed = 'asylum_cases' and status.status in ('asylum_seeker', 'pending')
    group by all
),

decided as (
    select
        last_day(event_on) as period,
        region,
        count(distinct seeker) filter (where event = 'recognised') as recognised,
        count(distinct seeker) filter (where event = 'refused') as refused,
        count(applied_on) as dated,
        median(event_on - applied_on) as days
    from step
    where event in ('recognised', 'refused') and last_day(event_on) in ({{ month_ends() }})
    group by all
)

{{ withheld('counted', ['region']) }}
union all
select
    period,
    region,
    'recognition_rate' as indicator,
    recognised / (recognised + refused) as value,
    {{ wilson('recognised', '(recognised + refused)', '-') }} as lower,
    {{ wilson('recognised', '(recognised + refused)', '+') }} as upper,
    'E' as obs_status,
    {{ known_now() }} as known_seq
from decided
where recognised >= 10 and refused >= 10
union all
select
    period,
    region,
    'days_to_decision' as indicator,
    days as value,
    null as lower,
    null as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from decided
where dated >= 10
