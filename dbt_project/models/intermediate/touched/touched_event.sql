with seen as (
    select
        touched.observation_id,
        touched.person_id,
        period.computed_from
    from {{ ref('touched_observation') }} as touched
    inner join {{ ref('touched_period') }} as period on touched.person_id = period.person_id
),

event as (
    select
        crossing.person_id,
        'border_crossings' as feed,
        crossing.record_id,
        crossing.observation_id,
        crossing.event_on,
        crossing.event_at,
        if(crossing.direction = 'refused_exit', 'sign', crossing.direction) as kind,
        crossing.post_code,
        crossing.purpose,
        crossing.citizenship
    from {{ ref('touched_crossing') }} as crossing
    where
        crossing.direction in ('entry', 'exit', 'refused_exit')
        and crossing.record_id not in (
            select again.record_id from {{ ref('told_again_history') }} as again
            where
                again.known_to_seq is null
                and again.person_id in (select touched.person_id from {{ ref('touched_period') }} as touched)
        )
    union all
    select
        touched.person_id,
        'stay_notifications' as feed,
        notification.record_id,
        notification.observation_id,
        least(notification.reported_on, notification.stay_until) as event_on,
        null as event_at,
        'sign' as kind,
        null as post_code,
        notification.purpose,
        notification.citizenship
    from {{ ref('notification_event') }} as notification
    inner join seen as touched on notification.observation_id = touched.observation_id
    where
        notification.action in ('arrived', 'moved', 'extended')
        and least(notification.reported_on, notification.stay_until) >= touched.computed_from
    union all
    select
        touched.person_id,
        'residence_permits' as feed,
        permit.record_id,
        permit.observation_id,
        permit.filed_on as event_on,
        null as event_at,
        'sign' as kind,
        null as post_code,
        null as purpose,
        permit.citizenship
    from {{ ref('permit_event') }} as permit
    inner join seen as touched on permit.observation_id = touched.observation_id
    where permit.permit_type not in ('visa', 'ata_zholy') and permit.filed_on >= touched.computed_from
    union all
    select
        touched.person_id,
        'civil_events' as feed,
        civil.record_id,
        civil.observation_id,
        civil.event_on,
        null as event_at,
        'birth' as kind,
        null as post_code,
        null as purpose,
        civil.citizenship
    from {{ ref('civil_event') }} as civil
    inner join seen as touched on civil.observation_id = touched.observation_id
    where civil.event = 'birth' and civil.citizenship <> 'KAZ' and civil.event_on >= touched.computed_from
),

paid_month as (
    select
        touched.person_id,
        'employment_records' as feed,
        month.record_id,
        month.observation_id,
        month.worked_from as event_on,
        null as event_at,
        'sign' as kind,
        null as post_code,
        null as purpose,
        month.citizenship
    from {{ ref('employment_event') }} as month
    inner join seen as touched on month.observation_id = touched.observation_id
    where
        month.is_worked and month.worked_from <= month.worked_until and month.worked_from >= touched.computed_from
        and not exists (
            select 1 from event
            where
                event.person_id = touched.person_id and event.feed <> 'residence_permits'
                and event.event_on between month.worked_from and month.worked_until
        )
),

known as (
    select * from event
    union all
    select * from paid_month
),

numbered as (
    select observation.observation_id
    from {{ ref('observation') }} as observation
    where observation.iin is not null and observation.observation_id in (select seen.observation_id from seen)
),

timed as (
    select
        event.*,
        coalesce(
            event.event_at,
            max(event.event_at) filter (where event.kind = 'entry') over same_day,
            min(event.event_at) filter (where event.kind = 'exit') over same_day,
            timezone('Asia/Almaty', cast(event.event_on as timestamp) + interval 12 hour)
        ) as moment
    from known as event
    window same_day as (partition by event.person_id, event.event_on)
)

select
    person_id,
    feed,
    record_id,
    event_on,
    kind,
    post_code,
    purpose,
    citizenship,
    observation_id in (select numbered.observation_id from numbered) as is_numbered,
    row_number() over (
        partition by person_id
        order by moment, list_position(['birth', 'entry', 'sign', 'exit'], kind), post_code, feed, record_id
    ) as place_in_order
from timed
