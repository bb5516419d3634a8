{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'status', 'basis_feed', 'basis_record_id'],
    meta={'scope': 'person'}
) }}
-- depends_on: {{ ref('touched_person') }}

with act as (
    select
        touched.person_id,
        'citizenship_acts' as basis_feed,
        act.record_id,
        act.action in ('acquired', 'restored') as is_gain,
        act.effective_on as valid_from
    from {{ ref('citizenship_event') }} as act
    inner join {{ ref('touched_observation') }} as touched on act.observation_id = touched.observation_id
),

known_act as (
    select * from act
    union all
    select
        touched.person_id,
        event.feed as basis_feed,
        event.record_id,
        true as is_gain,
        event.event_on as valid_from
    from {{ ref('case_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
    where
        event.feed = 'kandas_cases' and event.event = 'citizenship_acquired'
        and touched.person_id not in (
            select act.person_id from act
            where act.is_gain
        )
),

citizen as (
    select
        *,
        lead(valid_from) over (partition by person_id order by valid_from, record_id) as valid_to
    from known_act
),

death as (
    {{ deaths() }}
),

status as (
    select
        person_id,
        permit_type as status,
        basis_feed,
        record_id,
        starts_on as valid_from,
        least(valid_until + 1, replaced_on) as valid_to
    from {{ ref('touched_decision') }}
    where action in ('granted', 'extended') and permit_type <> 'status_determination'
    union all
    select
        person_id,
        if(permit_type = 'status_determination', 'undetermined_status', 'pending') as status,
        basis_feed,
        record_id,
        starts_on as valid_from,
        answered_on as valid_to
    from {{ ref('touched_decision') }}
    where
        action = 'applied'
        or (action = 'extended' and permit_type = 'status_determination')
    union all
    select
        person_id,
        status,
        basis_feed,
        record_id,
        valid_from,
        valid_to
    from {{ ref('touched_case_status') }}
    union all
    select
        person_id,
        'citizen' as status,
        basis_feed,
        record_id,
        valid_from,
        valid_to
    from citizen
    where is_gain
)

select
    status.person_id,
    status.status,
    status.basis_feed,
    status.record_id as basis_record_id,
    status.valid_from,
    least(status.valid_to, death.died_on) as valid_to,
    {{ opened_now() }}
from status
left join death on status.person_id = death.person_id
where coalesce(status.valid_from < least(status.valid_to, death.died_on), true)
