{{ config(materialized='view', meta={'publish': {'asylum': 'registry.protection_conflict'}}) }}

with told as (
    select
        *,
        min(known_from_seq) over (partition by record_id) as first_known_seq,
        bool_or(known_to_seq is null and event in ('annulled', 'acquitted')) over (
            partition by case_id
        ) as is_dropped
    from {{ ref('case_history') }}
    where feed = 'enforcement_cases'
),

act as (
    select
        person_id,
        feed,
        record_id,
        event,
        event_on,
        first_known_seq as known_seq,
        guardian_present
    from told
    where
        known_to_seq is null and person_id is not null and not is_dropped
        and event in ('expulsion_ordered', 'expulsion_executed', 'ban_imposed')
    union all
    select
        link.person_id,
        'border_crossings' as feed,
        crossing.record_id,
        crossing.direction as event,
        crossing.event_on,
        crossing.known_from_seq as known_seq,
        null as guardian_present
    from {{ ref('crossing_event_history') }} as crossing
    inner join {{ source('linkage', 'person_observation') }} as link
        on crossing.observation_id = link.observation_id and link.known_to_seq is null
    where crossing.direction = 'refused_entry' and crossing.known_to_seq is null and link.person_id is not null
),

hit as (
    select
        act.*,
        span.ground,
        span.valid_from as protected_from,
        span.valid_to as protected_until,
        span.known_seq as protection_known_seq
    from act
    inner join {{ ref('protection_span') }} as span
        on
            act.person_id = span.person_id and act.event_on >= span.valid_from
            and coalesce(act.event_on < span.valid_to, true)
    union all
    select
        act.*,
        'unaccompanied_minor' as ground,
        null as protected_from,
        {{ latest_birth_day('person.birth_date') }}
        + to_years({{ term_of_law('majority', 'act.event_on') }}) as protected_until,
        null as protection_known_seq
    from act
    inner join {{ ref('person') }} as person on act.person_id = person.person_id
    where
        not act.guardian_present
        and act.event_on
        < {{ latest_birth_day('person.birth_date') }} + to_years({{ term_of_law('majority', 'act.event_on') }})
)

select
    person_id,
    ground,
    event,
    event_on,
    feed,
    record_id,
    nullif(min(protected_from), date '-infinity') as protected_from,
    cast(nullif(max(coalesce(protected_until, date 'infinity')), date 'infinity') as date) as protected_until,
    min(protection_known_seq) > known_seq as is_told_later,
    known_seq as event_known_seq,
    min(protection_known_seq) as protection_known_seq
from hit
group by person_id, ground, event, event_on, feed, record_id, known_seq
