{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['stay_id', 'valid_from'], meta={
    'scope': 'right', 'since': 'first_sign_on', 'in_parts_by': 'right_span', 'rows_of_part': 4000000
}) }}

-- depends_on: {{ ref('touched_right') }}

with stay as (
    select *
    from {{ ref('right_stay') }}
    where is_touched and {{ is_of_part(['stay_id']) }}
),

rule as (
    select
        stay.stay_id,
        greatest(rule.holds_from, stay.begins_on) as starts_on,
        rule.holds_until as ends_on,
        rule.rule_id,
        rule.needs_visa,
        grant_made.counter
    from stay
    inner join {{ ref('right_rule') }} as rule
        on
            stay.citizenship = rule.citizenship
            and stay.purpose = rule.purpose
            and stay.entry_post = rule.entry_post
            and rule.holds_until >= stay.begins_on
            and rule.holds_from <= stay.ended_on
    left join {{ ref('right_grant') }} as grant_made
        on
            stay.stay_id = grant_made.stay_id
            and rule.rule_id = grant_made.rule_id
            and greatest(rule.holds_from, stay.begins_on) = grant_made.starts_on
    where rule.effect = 'grant' and stay.is_entered
    qualify
        row_number() over (
            partition by stay.stay_id, greatest(rule.holds_from, stay.begins_on)
            order by rule.needs_visa asc, grant_made.ends_on desc nulls last, rule.rule_id asc
        ) = 1
),

-- Who came under no rule and no paper that are known has no last allowed day, though a rule grants others days later.
admitted as (
    select rule.stay_id
    from rule
    inner join stay on rule.stay_id = stay.stay_id and rule.starts_on = stay.begins_on
    where not rule.needs_visa
),

run as (
    select run.*
    from {{ ref('right_run') }} as run
    inner join stay on run.stay_id = stay.stay_id and run.starts_on <= stay.ended_on
),

citizen as (
    select
        paper.stay_id,
        paper.covers_from as starts_on,
        paper.covers_until as ends_on
    from {{ ref('right_paper') }} as paper
    inner join stay on paper.stay_id = stay.stay_id
    where paper.status = 'citizen'
),

point as (
    select
        stay_id,
        begins_on as day
    from stay
    union
    select
        stay_id,
        starts_on as day
    from citizen
    union
    select
        citizen.stay_id,
        citizen.ends_on + 1 as day
    from citizen
    inner join stay on citizen.stay_id = stay.stay_id and citizen.ends_on < stay.ended_on
    union
    select
        stay_id,
        starts_on as day
    from rule
    union
    select
        stay_id,
        starts_on as day
    from run
),

stated as (
    select
        point.stay_id,
        point.day,
        if(citizen.stay_id is null, rule.rule_id, null) as rule_id,
        case
            when run.stay_id is not null then nullif(run.ends_on, date '9999-12-31')
            when admitted.stay_id is not null and not rule.needs_visa then stay.begins_on - 1
        end as allowed_until,
        case
            when citizen.stay_id is not null then 'citizen'
            when run.stay_id is not null then run.ground
            when admitted.stay_id is not null and not rule.needs_visa then 'rule'
        end as ground,
        case
            when run.stay_id is not null then nullif(run.counter, '')
            when admitted.stay_id is not null and not rule.needs_visa then rule.counter
        end as counter
    from point
    inner join stay on point.stay_id = stay.stay_id
    asof left join run on point.stay_id = run.stay_id and point.day >= run.starts_on
    left join rule on point.stay_id = rule.stay_id and point.day between rule.starts_on and rule.ends_on
    left join admitted on point.stay_id = admitted.stay_id
    left join citizen on point.stay_id = citizen.stay_id and point.day between citizen.starts_on and citizen.ends_on
),

changed as (
    select *
    from stated
    window days as (partition by stay_id order by day)
    qualify
        row_number() over days = 1
        or row(rule_id, allowed_until, ground, counter)
        is distinct from lag(row(rule_id, allowed_until, ground, counter)) over days
),

turn as (
    select
        stay_id,
        starts_on,
        ends_on,
        coalesce(lag(ends_on) over days + 1 < starts_on, true) as is_first,
        coalesce(lead(starts_on) over days - 1 > ends_on, true) as is_last
    from {{ ref('right_span') }}
    where is_counted and {{ is_of_part(['stay_id']) }}
    window days as (partition by stay_id order by starts_on)
),

spent as (
    select
        stay_id,
        list_sort(list(starts_on) filter (where is_first)) as counted_from,
        list_sort(list(ends_on) filter (where is_last)) as counted_until
    from turn
    group by stay_id
),

enforced as (
    select
        stay.stay_id,
        list(distinct event.event_on) as enforced_on
    from {{ ref('case_history') }} as event
    inner join stay
        on event.person_id = stay.person_id and event.event_on between stay.first_sign_on and stay.ended_on
    where
        event.known_to_seq is null and event.feed = 'enforcement_cases'
        and event.event in (
            'violation', 'warning', 'fine', 'arrest', 'centre_admitted', 'expulsion_ordered', 'expulsion_executed'
        )
        and event.case_id not in (
            select dropped.case_id from {{ ref('case_history') }} as dropped
            where
                dropped.known_to_seq is null and dropped.feed = 'enforcement_cases'
                and dropped.event in ('annulled', 'acquitted') and dropped.case_id is not null
        )
    group by stay.stay_id
),

departure as (
    select
        stay.stay_id,
        min(event.event_on) as departed_on,
        min(event.event_on) filter (where event.feed = 'enforcement_cases') as removed_on
    from {{ ref('case_history') }} as event
    inner join stay
        on event.person_id = stay.person_id and event.event_on between stay.signs_on[-1] and stay.ended_on
    where
        event.known_to_seq is null and event.event in ('expulsion_executed', 'left_voluntarily', 'departed')
    group by stay.stay_id
)

select
    changed.stay_id,
    stay.person_id,
    stay.first_sign_on,
    changed.day as valid_from,
    lead(changed.day) over (partition by changed.stay_id order by changed.day) as valid_to,
    changed.allowed_until,
    changed.rule_id,
    changed.ground,
    changed.counter,
    list_sort(
        list_filter(
            list_distinct(list_concat({{ acts_of('stay') }}, coalesce(enforced.enforced_on, []))),
            lambda act_on: coalesce(changed.allowed_until < act_on and stay.begins_on < act_on, false)
        )
    ) as acts_on,
    spent.counted_from,
    spent.counted_until,
    departure.departed_on,
    departure.removed_on,
    {{ opened_now() }}
from changed
inner join stay on changed.stay_id = stay.stay_id
left join spent on changed.stay_id = spent.stay_id
left join enforced on changed.stay_id = enforced.stay_id
left join departure on changed.stay_id = departure.stay_id
