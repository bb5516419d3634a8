{#- Of what begins on one day, what was reported or done later holds: record ids have no order. -#}
with notified as (
    select
        touched.person_id,
        notification.record_id,
        notification.action,
        notification.kato,
        notification.host_type,
        notification.stay_until,
        notification.reported_at,
        if(
            notification.action = 'left',
            coalesce(notification.stay_until, notification.reported_on),
            coalesce(notification.stay_from, notification.reported_on)
        ) as starts_on,
        least(notification.reported_on, notification.stay_until) as told_on
    from {{ ref('notification_event') }} as notification
    inner join {{ ref('touched_observation') }} as touched on notification.observation_id = touched.observation_id
),

notified_until as (
    select
        *,
        lead(starts_on) over (partition by person_id order by starts_on, reported_at, record_id) as replaced_on
    from notified
),

permit as (
    select
        record_id,
        kato,
        'residence_permits' as feed
    from {{ ref('permit_event') }}
    union all
    select
        record_id,
        kato,
        'labour_permits' as feed
    from {{ ref('labour_event') }}
    union all
    select
        record_id,
        kato,
        feed
    from {{ ref('case_event') }}
    where feed in ('asylum_cases', 'kandas_cases')
),

-- Where a centre lies is told by its register, if the record of the admission does not.
centre as (
    select
        centre_code,
        kato
    from ({{ registered_records('placement_centres') }}) as listed
),

case_step as (
    select
        touched.person_id,
        event.* exclude (kato),
        coalesce(event.kato, centre.kato) as kato,
        lead(event.event_on) over (
            partition by touched.person_id, event.feed, event.case_id
            order by event.event_on, event.event_at, event.event = 'moved_on', event.record_id
        ) as replaced_on
    from {{ ref('case_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
    left join centre on if(event.event = 'centre_admitted', event.centre_code, null) = centre.centre_code
    where
        (event.feed = 'kandas_cases' and event.event in ('settled', 'moved_on'))
        or (
            event.feed = 'enforcement_cases'
            and event.event in ('centre_admitted', 'centre_released', 'expulsion_executed', 'left_voluntarily')
        )
),

move as (
    select
        touched.person_id,
        event.record_id,
        event.direction,
        event.to_kato,
        event.moved_on,
        lead(event.moved_on) over (
            partition by touched.person_id order by event.moved_on, event.record_id
        ) as replaced_on
    from {{ ref('move_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
)

select
    person_id,
    kato,
    host_type,
    'stay_notifications' as basis_feed,
    1 as claim_rank,
    cast(0.9 as double) as confidence,
    true as holds_over_stays,
    action = 'moved' as tells_move,
    record_id,
    starts_on as valid_from,
    least(stay_until + 1, replaced_on) as valid_to
from notified_until
where action <> 'left'
union all
select
    status.person_id,
    permit.kato,
    null as host_type,
    status.basis_feed,
    if(status.basis_feed = 'labour_permits', 3, 2) as claim_rank,
    cast(if(status.basis_feed = 'labour_permits', 0.6, 0.7) as double) as confidence,
    true as holds_over_stays,
    false as tells_move,
    permit.record_id,
    status.valid_from,
    status.valid_to
from {{ ref('legal_status_history') }} as status
inner join permit on status.basis_record_id = permit.record_id and status.basis_feed = permit.feed
where
    status.known_to_seq is null
    and status.person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
union all
select
    person_id,
    kato,
    if(feed = 'enforcement_cases', 'centre', null) as host_type,
    feed as basis_feed,
    if(feed = 'enforcement_cases', 0, 2) as claim_rank,
    cast(if(feed = 'enforcement_cases', 0.9, 0.7) as double) as confidence,
    true as holds_over_stays,
    event = 'moved_on' as tells_move,
    record_id,
    event_on as valid_from,
    if(replaced_on is null, null, greatest(replaced_on, event_on + 1)) as valid_to
from case_step
where event in ('settled', 'moved_on', 'centre_admitted')
union all
select
    person_id,
    to_kato as kato,
    null as host_type,
    'residence_moves' as basis_feed,
    2 as claim_rank,
    0.7 as confidence,
    true as holds_over_stays,
    direction = 'internal' as tells_move,
    record_id,
    moved_on as valid_from,
    replaced_on as valid_to
from move
where to_kato is not null
union all by name
select
    person_id,
    kato,
    host_type,
    'stay_notifications' as basis_feed,
    4 as claim_rank,
    0.5 as confidence,
    false as holds_over_stays,
    action = 'moved' as tells_move,
    record_id,
    starts_on as valid_from,
    replaced_on as valid_to,
    told_on
from notified_until
where action <> 'left'
union all by name
select
    crossing.person_id,
    crossing.destination_kato as kato,
    null as host_type,
    'border_crossings' as basis_feed,
    5 as claim_rank,
    0.3 as confidence,
    false as holds_over_stays,
    false as tells_move,
    crossing.record_id,
    crossing.event_on as valid_from,
    null as valid_to
from {{ ref('touched_crossing') }} as crossing
where crossing.direction = 'entry'
union all by name
select
    touched.person_id,
    civil.kato,
    null as host_type,
    'civil_events' as basis_feed,
    5 as claim_rank,
    0.3 as confidence,
    false as holds_over_stays,
    false as tells_move,
    civil.record_id,
    civil.event_on as valid_from,
    null as valid_to
from {{ ref('civil_event') }} as civil
inner join {{ ref('touched_observation') }} as touched on civil.observation_id = touched.observation_id
where civil.event = 'birth'
