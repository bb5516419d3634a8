{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['stay_id', 'valid_from'], meta={
    'scope': 'right', 'since': 'first_sign_on'
}) }}
-- depends_on: {{ ref('touched_right') }}

with allowed as (
    select * from {{ ref('right_ground') }}
    where ground = 'rule'
    union all
    select * from {{ ref('right_relief') }}
),

run as (
    {{ joined_runs('allowed') }}
)

select
    stay.stay_id,
    stay.person_id,
    stay.first_sign_on,
    run.starts_on as valid_from,
    least(nullif(least(run.ends_on, stay.ended_on), date '9999-12-31') + 1, stay.died_on) as valid_to,
    {{ opened_now() }}
from run
inner join {{ ref('right_stay') }} as stay on run.stay_id = stay.stay_id and run.starts_on <= stay.ended_on
where coalesce(run.starts_on < stay.died_on, true)
