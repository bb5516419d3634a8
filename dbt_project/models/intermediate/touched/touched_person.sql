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
{%- endif %}
