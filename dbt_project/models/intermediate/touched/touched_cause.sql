with version as (
    select
        feed,
        record_id,
        observation_id,
        happened_on,
        true as begins
    from {{ ref('source_record_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select
        feed,
        record_id,
        observation_id,
        happened_on,
        false as begins
    from {{ ref('source_record_history') }}
    where known_to_seq = {{ var('load_seq') }}
),

record as (
    select
        list(distinct observation_id) as observation_ids,
        {{ cause_of_record('bool_or(begins)', 'not bool_and(begins)', 'min(happened_on)') }} as cause
    from version
    where feed not in ({{ restricted_feeds() }})
    group by feed, record_id
),

observation as (
    select
        unnest(observation_ids) as observation_id,
        cause
    from record
),

told as (
    select
        link.person_id,
        observation.cause
    from observation
    inner join {{ source('linkage', 'person_observation') }} as link
        on observation.observation_id = link.observation_id
    where link.person_id is not null and coalesce(link.known_to_seq >= {{ var('load_seq') }}, true)
    union all
    select
        unnest([person_id, other_person_id]) as person_id,
        if(event = 'merged', 'linked', 'unlinked') as cause
    from {{ source('linkage', 'link_event') }}
    -- what moved because it was corrected has the cause of its record
    where
        load_seq = {{ var('load_seq') }} and event in ('merged', 'split')
        and reason is distinct from 'records corrected'
    union all
    -- a record of nobody that a steward gave to a person, or took back: no two persons met
    select
        coalesce(now_of.person_id, was_of.person_id) as person_id,
        if(was_of.person_id is null, 'linked', 'unlinked') as cause
    from {{ source('linkage', 'person_observation') }} as now_of
    inner join {{ source('linkage', 'person_observation') }} as was_of
        on now_of.observation_id = was_of.observation_id
    where
        now_of.known_from_seq = {{ var('load_seq') }} and was_of.known_to_seq = {{ var('load_seq') }}
        and (now_of.person_id is null) <> (was_of.person_id is null)
)

select
    told.person_id,
    arg_min(told.cause, ranked.place) as cause
from told
inner join (
    values ('unlinked', 1), ('linked', 2), ('withdrawn', 3), ('correction', 4), ('late_delivery', 5), ('new_day', 6)
) as ranked (cause, place) on told.cause = ranked.cause
group by told.person_id
