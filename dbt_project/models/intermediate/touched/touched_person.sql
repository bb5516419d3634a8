{%- set everyone = flags.FULL_REFRESH or lacks_history() -%}
{%- if everyone -%}
select distinct link.person_id
from {{ source('linkage', 'person_observation') }} as link
where link.person_id is not null
{%- else -%}
select touched.person_id
from {{ source('linkage', 'touched_person') }} as touched
where touched.person_id is not null
union
select link.person_id
from {{ source('linkage', 'person_observation') }} as link
inner join (
    select observation_id from {{ ref('source_record_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select observation_id from {{ ref('source_record_history') }}
    where known_to_seq = {{ var('load_seq') }}
) as record on link.observation_id = record.observation_id
where link.person_id is not null
union
-- Whoever was admitted to a centre whose place the register tells, where this load changed the register.
select link.person_id
from {{ ref('case_event') }} as event
inner join {{ source('linkage', 'person_observation') }} as link on event.observation_id = link.observation_id
where
    event.event = 'centre_admitted' and event.kato is null and link.person_id is not null
    and event.centre_code in (
        select changed.record_id from {{ source('intake', 'changed_record') }} as changed
        where changed.feed = 'placement_centres'
    )
{%- endif %}
