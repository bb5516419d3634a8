with recursive settled as (
    select * from {{ ref('right_ground') }}
    union all
    select * from {{ ref('right_relief') }}
),

application as (
    select
        stay.stay_id,
        if(status.basis_feed = 'asylum_cases', status.valid_from - 1, status.valid_from) as filed_on,
        coalesce(status.valid_to, date '9999-12-31') as answered_on
    from {{ ref('legal_status_history') }} as status
    inner join {{ ref('right_stay') }} as stay
        on status.person_id = stay.person_id and status.valid_from between stay.begins_on and stay.ended_on
    where
        status.known_to_seq is null and status.status in ('pending', 'undetermined_status')
        and status.basis_record_id not in (
            select event.record_id from {{ ref('case_event') }} as event
            where event.feed = 'kandas_cases' and event.event = 'lapsed'
        )
        and stay.is_touched and stay.is_entered
),

kept as (
    select
        application.stay_id,
        application.filed_on,
        application.answered_on
    from application
    inner join settled
        on application.stay_id = settled.stay_id and application.filed_on between settled.starts_on and settled.ends_on
    union
    select
        application.stay_id,
        application.filed_on,
        application.answered_on
    from application
    inner join kept
        on application.stay_id = kept.stay_id and application.filed_on between kept.filed_on and kept.answered_on
),

lawful as (
    select * from settled
    union all
    select
        stay_id,
        filed_on as starts_on,
        answered_on as ends_on,
        'pending' as ground,
        null as rule_id,
        null as counter
    from kept
)

{{ joined_runs('lawful') }}
