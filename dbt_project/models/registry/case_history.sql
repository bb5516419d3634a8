{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['feed', 'record_id'],
    meta={'scope': 'link'}
) }}

select
    event.feed,
    event.record_id,
    link.person_id,
    event.case_id,
    event.event,
    event.event_on,
    event.event_at,
    event.kato,
    event.valid_until,
    event.origin_country,
    event.family_id,
    event.family_role,
    event.needs,
    event.population,
    event.return_area,
    event.wish_signed,
    event.arrival_reason,
    event.in_quota,
    event.ethnicity,
    event.education_isced,
    event.occupation_isco,
    event.occurred_on,
    event.detected_at,
    event.guardian_present,
    event.article,
    event.centre_code,
    event.court,
    event.ban_until,
    event.employer_bin,
    event.detected_by,
    {{ opened_now() }}
from {{ ref('case_event') }} as event
inner join {{ ref('touched_record') }} as touched
    on event.feed = touched.feed and event.record_id = touched.record_id
left join {{ source('linkage', 'person_observation') }} as link
    on event.observation_id = link.observation_id and link.known_to_seq is null
