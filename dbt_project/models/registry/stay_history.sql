{{ config(
    materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'period', 'since': 'first_sign_on'}
) }}
-- depends_on: {{ ref('touched_period') }}

with marked as (
    select
        *,
        kind = 'entry'
        or coalesce(lag(kind) over (partition by person_id order by place_in_order), 'exit') = 'exit' as begins_stay
    from {{ ref('touched_event') }}
),

numbered as (
    select
        *,
        sum(cast(begins_stay as integer)) over (partition by person_id order by place_in_order) as stay_number
    from marked
),

stay as (
    select
        person_id,
        stay_number,
        md5(arg_min(feed || '|' || record_id, place_in_order)) as stay_id,
        min(event_on) filter (where kind = 'entry') as entered_on,
        max(event_on) filter (where kind = 'exit') as left_on,
        min(post_code) filter (where kind = 'entry') as entry_post,
        min(post_code) filter (where kind = 'exit') as exit_post,
        arg_min(purpose, place_in_order) as purpose,
        arg_min(citizenship, place_in_order) as citizenship,
        list_sort(list(distinct event_on)) as signs_on
    from numbered
    group by person_id, stay_number
),

death as (
    select
        touched.person_id,
        min(civil.event_on) as died_on
    from {{ ref('civil_event') }} as civil
    inner join {{ ref('touched_observation') }} as touched on civil.observation_id = touched.observation_id
    where civil.event = 'death'
    group by touched.person_id
),

followed as (
    select
        stay.*,
        death.died_on as death_on,
        if(
            stay.left_on is null,
            lead(stay.entered_on) over (partition by stay.person_id order by stay.stay_number),
            null
        ) as ended_unknown_on
    from stay
    left join death on stay.person_id = death.person_id
),

ended as (
    select
        *,
        if(coalesce(left_on, ended_unknown_on) <= death_on, null, death_on) as died_on
    from followed
)

select
    stay_id,
    person_id,
    entered_on,
    left_on,
    entry_post,
    exit_post,
    purpose,
    citizenship,
    signs_on,
    signs_on[1] as first_sign_on,
    signs_on[-1] as last_sign_on,
    ended_unknown_on,
    died_on,
    least(coalesce(left_on, ended_unknown_on), if(died_on < signs_on[1], signs_on[1], died_on)) as ended_on,
    case
        when entered_on is not null and left_on is not null then 'matched'
        when left_on is not null then 'entry_not_matched'
        when ended_unknown_on is not null then 'exit_not_matched'
        when entered_on is not null then 'open'
        else 'signs_only'
    end as pairing,
    {{ opened_now() }}
from ended
