with event as (
    select
        coalesce(person_id, case_id) as person,
        person_id,
        record_id,
        event,
        event_at,
        event_on,
        centre_code,
        guardian_present,
        event = 'centre_admitted' as is_admission,
        sum(if(event = 'centre_admitted', 1, -1)) over (
            partition by coalesce(person_id, case_id) order by event_at
            range between unbounded preceding and interval 1 microsecond preceding
        ) > 0 as is_held
    from {{ ref('case_history') }}
    where
        feed = 'enforcement_cases' and known_to_seq is null
        and event in ('centre_admitted', 'centre_released', 'expulsion_executed', 'left_voluntarily')
),

-- Of one moment, whoever is held already is released first and then admitted elsewhere.
numbered as (
    select
        *,
        count(*) filter (where is_admission) over following as admission,
        count(*) filter (where is_admission) over following - cast(is_admission as integer) as ended_admission
    from event
    window following as (
        partition by person order by event_at, is_admission = coalesce(is_held, false), event, record_id
        rows unbounded preceding
    )
),

admitted as (
    select
        *,
        lag(centre_code) over (partition by person order by admission) as centre_before
    from numbered
    where is_admission
),

later as (
    select
        admitted.person,
        admitted.person_id,
        admitted.record_id as admission_record_id,
        admitted.admission,
        admitted.event_on as admitted_on,
        admitted.centre_code,
        admitted.guardian_present,
        following.event,
        following.event_at,
        following.event_on,
        following.is_admission,
        coalesce(
            following.event = 'centre_released' and following.centre_code = admitted.centre_before
            and following.centre_code <> coalesce(admitted.centre_code, ''), false
        ) as is_of_before
    from admitted
    left join numbered as following
        on admitted.person = following.person and admitted.admission = following.ended_admission
)

-- A release from the centre before, told after the next one had admitted the person, ends nothing.
select
    person,
    person_id,
    admission_record_id,
    admitted_on,
    centre_code,
    guardian_present,
    arg_min(event, (event_at, is_admission)) filter (where not is_of_before) as next_event,
    min(event_on) filter (where not is_of_before) as next_on
from later
group by person, person_id, admission_record_id, admission, admitted_on, centre_code, guardian_present
