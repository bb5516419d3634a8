with quarter as (
    select
        cast(date_trunc('quarter', period) as date) as first_day,
        max(period) as last_day
    from ({{ covered_days() }})
    group by all
    having max(period) = cast(date_trunc('quarter', max(period)) + interval 3 month - interval 1 day as date)
),

paper as (
    select
        person_id,
        status,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('legal_status') }}
),

rule as (
    select
        unnest(citizenship) as citizenship,
        coalesce(work_allowed, false) as work_allowed,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_until, date '9999-12-31') as valid_until
    from {{ ref('stay_rule') }}
    where coalesce(effect, 'grant') = 'grant'
),

case_found as (
    select
        person_id,
        event_on as listed_on,
        if(regexp_matches(lower(detected_by), 'погранич|шекара|border'), 'border', 'inland') as list
    from {{ ref('case_history') }}
    where
        feed = 'enforcement_cases' and known_to_seq is null and person_id is not null and event = 'violation'
        and case_id not in (
            select step.case_id from {{ ref('enforcement_step') }} as step
            where step.is_dropped
        )
),

worked as (
    select distinct
        link.person_id,
        month.worked_from as listed_on,
        month.citizenship
    from {{ ref('employment_event') }} as month
    inner join {{ source('linkage', 'person_observation') }} as link
        on month.observation_id = link.observation_id and link.known_to_seq is null and link.person_id is not null
    where month.is_worked
),

notified as (
    select distinct
        link.person_id,
        notice.reported_on as listed_on
    from {{ ref('notification_event') }} as notice
    inner join {{ source('linkage', 'person_observation') }} as link
        on notice.observation_id = link.observation_id and link.known_to_seq is null and link.person_id is not null
    where notice.action in ('arrived', 'moved', 'extended')
),

-- What the law allowed on the day, by the purpose, earlier stays, relief and papers of the person, is what the stay
-- says, and so is whether an application was filed in time to keep it lawful.
overdue as (
    select
        notified.person_id,
        notified.listed_on
    from notified
    inner join {{ ref('stay_history') }} as stay
        on notified.person_id = stay.person_id and notified.listed_on >= stay.entered_on
    inner join {{ ref('stay_right_history') }} as held
        on
            stay.stay_id = held.stay_id and held.valid_from <= notified.listed_on
            and coalesce(notified.listed_on < held.valid_to, true)
    where
        stay.known_to_seq is null and held.known_to_seq is null and not stay.is_born_here
        and coalesce(notified.listed_on < stay.ended_on, true) and notified.listed_on > held.allowed_until
),

listed as (
    select
        person_id,
        listed_on,
        list
    from case_found
    union all
    select
        person_id,
        listed_on,
        'work' as list
    from worked
    where
        not exists (
            select 1 from rule
            where
                rule.citizenship in (worked.citizenship, '*') and rule.work_allowed
                and worked.listed_on between rule.valid_from and rule.valid_until
        )
    union all
    select
        person_id,
        listed_on,
        'host' as list
    from overdue
)

select distinct
    quarter.last_day as period,
    listed.person_id,
    listed.list
from listed
inner join quarter on listed.listed_on between quarter.first_day and quarter.last_day
inner join {{ ref('person') }} as person on listed.person_id = person.person_id
where
    person.citizenship is distinct from 'KAZ'
    and (
        listed.list in ('border', 'inland')
        or not exists (
            select 1 from paper
            where
                paper.person_id = listed.person_id and paper.valid_from <= listed.listed_on
                and paper.valid_to > listed.listed_on
                and (paper.status <> 'pending' or listed.list = 'work')
        )
    )
