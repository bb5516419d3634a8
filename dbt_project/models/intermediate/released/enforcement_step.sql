with event as (
    select
        happened.*,
        cast(timezone(coalesce(region.clock, 'Asia/Almaty'), happened.detected_at) as date) as detected_on
    from {{ ref('case_history') }} as happened
    left join {{ ref('region') }} as region on left(happened.kato, 2) = left(region.kato, 2)
    where happened.feed = 'enforcement_cases' and happened.known_to_seq is null
),

step as (
    select
        case_id,
        min(person_id) as person_id,
        coalesce(
            min(occurred_on), min(event_on) filter (where event = 'violation'), min(event_on)
        ) as occurred_on,
        coalesce(
            min(detected_on), min(event_on) filter (where event = 'violation')
        ) as detected_on,
        min(event_on) filter (where event in ('warning', 'fine', 'arrest', 'expulsion_ordered')) as decided_on,
        min(event_on) filter (where event = 'expulsion_ordered') as ordered_on,
        list(event_on) filter (where event in ('expulsion_executed', 'left_voluntarily')) as departed_on,
        bool_or(event = 'warning') as has_warning,
        bool_or(event = 'fine') as has_fine,
        bool_or(event = 'arrest') as has_arrest,
        bool_or(event in ('annulled', 'acquitted')) as is_dropped,
        arg_min(employer_bin, event_at) filter (where employer_bin is not null) as employer_bin,
        left(arg_min(kato, event_at) filter (where kato is not null), 2) as region_digits
    from event
    group by case_id
),

-- An order is carried out where its own case says so, or where the border saw the person leave.
departure as (
    select
        case_id,
        unnest(departed_on) as departed_on
    from step
    union all
    select
        step.case_id,
        stay.left_on as departed_on
    from step
    inner join {{ ref('stay_history') }} as stay on step.person_id = stay.person_id
    where step.ordered_on is not null and stay.known_to_seq is null and stay.left_on is not null
),

executed as (
    select
        step.case_id,
        min(departure.departed_on) as executed_on
    from step
    inner join departure on step.case_id = departure.case_id and step.ordered_on <= departure.departed_on
    group by step.case_id
)

select
    step.case_id,
    step.occurred_on,
    step.detected_on,
    step.decided_on,
    step.ordered_on,
    executed.executed_on,
    step.has_warning,
    step.has_fine,
    step.has_arrest,
    step.is_dropped,
    step.employer_bin,
    step.region_digits
from step
left join executed on step.case_id = executed.case_id
