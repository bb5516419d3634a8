{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.centre_occupancy', 'analysis': 'statistics.centre_occupancy'
}}) }}

with covered as (
    {{ covered_days() }}
),

centre as (
    select
        centre_code,
        capacity,
        legal_max_days,
        opened_on,
        closed_on
    from ({{ registered_records('placement_centres') }}) as listed
    where kind in ('special_receiver', 'undetermined_status')
),

event as (
    select
        coalesce(person_id, case_id) as person,
        record_id,
        event,
        event_at,
        event_on,
        centre_code,
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
        admitted.admission,
        admitted.event_on as admitted_on,
        admitted.centre_code,
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
),

-- A release from the centre before, told after the next one had admitted the person, ends nothing.
followed as (
    select
        person,
        admitted_on,
        centre_code,
        arg_min(event, (event_at, is_admission)) filter (where not is_of_before) as next_event,
        min(event_on) filter (where not is_of_before) as next_on
    from later
    group by person, admission, admitted_on, centre_code
),

held as (
    select
        followed.person,
        coalesce(centre.centre_code, '_U') as centre_code,
        followed.admitted_on,
        followed.next_on,
        coalesce(followed.next_event in ('centre_released', 'centre_admitted'), false) as is_end_known,
        centre.legal_max_days
    from followed
    left join centre on followed.centre_code = centre.centre_code
),

night as (
    select
        held.*,
        covered.period,
        coalesce(covered.period - held.admitted_on >= held.legal_max_days, false) as is_beyond
    from held
    inner join covered
        on held.admitted_on <= covered.period and coalesce(held.next_on > covered.period, true)
),

counted as (
    select
        period,
        centre_code,
        count(distinct person) filter (where is_end_known or not is_beyond) as occupied,
        count(distinct person) filter (where not is_end_known and is_beyond) as release_unknown,
        count(distinct person) filter (where is_end_known and is_beyond) as beyond_legal_max
    from night
    group by all
),

place as (
    select
        covered.period,
        centre.centre_code,
        centre.capacity
    from covered
    inner join centre
        on
            coalesce(centre.opened_on <= covered.period, true)
            and coalesce(centre.closed_on >= covered.period, true)
),

measured as (
    select
        coalesce(place.period, counted.period) as period,
        coalesce(place.centre_code, counted.centre_code) as centre_code,
        place.capacity,
        coalesce(counted.occupied, 0) as occupied,
        coalesce(counted.release_unknown, 0) as release_unknown,
        coalesce(counted.beyond_legal_max, 0) as beyond_legal_max
    from place
    full join counted on place.period = counted.period and place.centre_code = counted.centre_code
),

figure as (
    select
        measured.period,
        measured.centre_code,
        indicator.indicator,
        case indicator.indicator
            when 'occupied' then occupied
            when 'release_unknown' then release_unknown
            when 'beyond_legal_max' then beyond_legal_max
            when 'capacity' then capacity
            else occupied / nullif(capacity, 0)
        end as value,
        case indicator.indicator
            when 'occupied' then occupied + release_unknown
            when 'beyond_legal_max' then beyond_legal_max + release_unknown
            when 'occupancy_share' then (occupied + release_unknown) / nullif(capacity, 0)
        end as upper
    from measured
    cross join (
        values ('occupied'), ('release_unknown'), ('beyond_legal_max'), ('capacity'), ('occupancy_share')
    ) as indicator (indicator)
)

select
    period,
    centre_code,
    indicator,
    cast(value as double) as value,
    cast(if(upper is null, null, value) as double) as lower,
    cast(upper as double) as upper,
    'P' as obs_status,
    {{ known_now() }} as known_seq
from figure
where value is not null
