with told as (
    select
        *,
        min(known_from_seq) over (partition by record_id) as first_known_seq
    from {{ ref('case_history') }}
    where feed = 'asylum_cases'
),

event as (
    select
        person_id,
        case_id,
        max(family_id) over (partition by person_id, case_id) as family_id,
        event,
        event_on,
        first_known_seq as known_seq,
        event in ('refused', 'appeal_decided', 'ceased') as is_final,
        lead(event_on) over course as next_on,
        coalesce(last_value(
            case when event = 'recognised' then true when event in ('applied', 'refused') then false end ignore nulls
        ) over (course rows between unbounded preceding and current row), false) as is_recognised
    from told
    where known_to_seq is null and person_id is not null
    window course as (
        partition by person_id, case_id
        order by event_on, {{ place_in_day('event') }}, record_id
    )
),

-- What is refused or ends stays protected for as long as an appeal is open.
claim as (
    select
        person_id,
        case_id,
        family_id,
        known_seq,
        if(is_recognised, 'refugee', 'asylum_claim') as ground,
        event_on as valid_from,
        if(is_final, least(next_on, event_on + {{ term_of_law('asylum_appeal', 'event_on') }} + 1), next_on) as valid_to
    from event
),

of_case as (
    select
        person_id,
        min(valid_from) as valid_from,
        max(coalesce(valid_to, date 'infinity')) as valid_to
    from claim
    group by person_id, case_id
),

-- A wish told at the border protects until a case takes it up; within a case, the case does.
wish as (
    select
        link.person_id,
        crossing.event_on,
        min(crossing.known_from_seq) as known_seq
    from {{ ref('crossing_event_history') }} as crossing
    inner join {{ source('linkage', 'person_observation') }} as link
        on crossing.observation_id = link.observation_id and link.known_to_seq is null
    where
        crossing.purpose = 'asylum' and crossing.known_to_seq is null
        and crossing.direction in ('entry', 'refused_entry')
    group by all
),

wished as (
    select
        wish.person_id,
        wish.known_seq,
        wish.event_on as valid_from,
        min(of_case.valid_from) as valid_to
    from wish
    left join of_case as running
        on
            wish.person_id = running.person_id and wish.event_on >= running.valid_from
            and wish.event_on < running.valid_to
    left join of_case on wish.person_id = of_case.person_id and wish.event_on < of_case.valid_from
    where running.person_id is null
    group by all
),

member as (
    select distinct
        person_id,
        family_id
    from claim
    where family_id is not null
)

select
    person_id,
    ground,
    valid_from,
    valid_to,
    known_seq
from claim
union all
select
    person_id,
    'asylum_claim' as ground,
    valid_from,
    valid_to,
    known_seq
from wished
union all
select
    member.person_id,
    'family' as ground,
    claim.valid_from,
    claim.valid_to,
    claim.known_seq
from member
inner join claim on member.family_id = claim.family_id and member.person_id <> claim.person_id
union all
select
    person_id,
    'stateless' as ground,
    valid_from,
    valid_to,
    null as known_seq
from {{ ref('legal_status') }}
where status = 'stateless_certificate'
union all
select
    person_id,
    'stateless' as ground,
    date '-infinity' as valid_from,
    null as valid_to,
    null as known_seq
from {{ ref('person') }}
where nationality_status in ('stateless_recognised', 'stateless_reported')
