{#- Each condition by itself reads only the row groups that can hold such rows; joined by `or` they would read all. -#}
{%- set everyone = flags.FULL_REFRESH or lacks_history() -%}
with reached as (
    {% if everyone -%}
    select * from {{ ref('source_record_history') }}
    {%- else -%}
    select * from {{ ref('source_record_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select * from {{ ref('source_record_history') }}
    where known_to_seq = {{ var('load_seq') }}
    union all
    select *
    from {{ ref('source_record_history') }}
    where
        known_to_seq is null
        and observation_id in (
            select link.observation_id
            from {{ source('linkage', 'person_observation') }} as link
            where link.known_from_seq = {{ var('load_seq') }} or link.known_to_seq = {{ var('load_seq') }}
        )
    {%- endif %}
)

select
    feed,
    record_id,
    max(observation_id) filter (where known_to_seq is null) as observation_id
from reached
group by feed, record_id
