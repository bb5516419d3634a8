{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
-- depends_on: {{ ref('touched_cause') }}

with version as (
    select
        *,
        1 as sign
    from {{ ref('residence_change_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select
        *,
        -1 as sign
    from {{ ref('residence_change_history') }}
    where known_to_seq = {{ var('load_seq') }}
)

select
    version.changed_on as valid_day,
    version.direction,
    version.citizenship,
    version.region,
    version.reached_on,
    version.presence_class,
    version.silent_since,
    version.returned_on,
    {{ cause_on("coalesce(told.cause, 'other')", 'version.changed_on') }} as cause,
    cast(sum(version.sign) as bigint) as change,
    cast({{ var('load_seq') }} as integer) as known_seq
from version
left join {{ ref('touched_cause') }} as told on version.person_id = told.person_id
group by all
having sum(version.sign) <> 0
