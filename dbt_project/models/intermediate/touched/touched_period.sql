{#- The stays as the load before left them are read by name: `stay_history` itself is computed for this period. -#}
-- depends_on: {{ ref('touched_person') }}, {{ ref('source_record_history') }}, {{ ref('notification_event') }}
-- depends_on: {{ ref('observation') }}, {{ ref('touched_observation') }}, {{ ref('employment_event') }}
{%- set stays = standing_table('registry', 'stay_history') -%}
{%- if flags.FULL_REFRESH or lacks_history() or stays is none %}
select
    person_id,
    cast('-infinity' as date) as computed_from,
    cast('-infinity' as date) as changed_since,
    cast(null as bigint[]) as stayed_before,
    cast(null as date) as numbered_before,
    cast(null as date) as ended_before
from {{ ref('touched_person') }}
{%- else %}
with changed as (
    select
        feed,
        observation_id,
        happened_on,
        if(feed = 'stay_notifications', record_id, null) as notification_id
    from {{ ref('source_record_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select
        feed,
        observation_id,
        happened_on,
        null as notification_id
    from {{ ref('source_record_history') }}
    where known_to_seq = {{ var('load_seq') }}
),

changed_day as (
    select
        changed.observation_id,
        case
            when not {{ is_seen('changed.feed') }} then date 'infinity'
            when changed.feed in ('border_crossings', 'employment_records') then changed.happened_on
            when notification.record_id is not null
                then least(changed.happened_on, notification.stay_from, notification.stay_until)
            else date '-infinity'
        end as day
    from changed
    left join {{ ref('notification_event') }} as notification on changed.notification_id = notification.record_id
),

person_day as (
    select
        link.person_id,
        changed_day.day
    from changed_day
    inner join {{ source('linkage', 'person_observation') }} as link
        on changed_day.observation_id = link.observation_id and link.known_to_seq is null
    union all
    select
        person_id,
        date '-infinity' as day
    from {{ source('linkage', 'person_observation') }}
    where known_to_seq = {{ var('load_seq') }}
    union all
    select
        link.person_id,
        date '-infinity' as day
    from {{ source('linkage', 'person_observation') }} as link
    where
        link.known_from_seq = {{ var('load_seq') }}
        and link.observation_id not in (
            select observation.observation_id from {{ ref('observation') }} as observation
            where observation.first_load_seq = {{ var('load_seq') }}
        )
),

earliest as (
    select
        person_id,
        min(day) as day
    from person_day
    where person_id is not null
    group by person_id
),

month_worked as (
    select
        earliest.person_id,
        month.worked_from as day
    from {{ ref('employment_event') }} as month
    inner join {{ ref('touched_observation') }} as touched on month.observation_id = touched.observation_id
    inner join earliest on touched.person_id = earliest.person_id
    where
        isfinite(earliest.day) and month.worked_from <= earliest.day
        and last_day(month.worked_from) = last_day(earliest.day)
),

since as (
    select
        person_id,
        min(day) as day
    from (
        select * from earliest
        union all
        select * from month_worked
    ) as reached
    group by person_id
),

standing as (
    select
        stay.person_id,
        stay.first_sign_on,
        since.day as changed_since,
        list({{ complete_days('stay.is_born_here', 'stay.entered_on', 'stay.left_on') }}) over (
            partition by stay.person_id order by stay.first_sign_on, stay.last_sign_on, stay.stay_id
            rows between {{ stays_remembered() }} preceding and 1 preceding
        ) as stayed_before,
        min(stay.numbered_on) over (
            partition by stay.person_id order by stay.first_sign_on, stay.last_sign_on, stay.stay_id
            rows between unbounded preceding and 1 preceding
        ) as numbered_before,
        max(greatest(stay.last_sign_on, coalesce(stay.ended_on, date 'infinity'))) over (
            partition by stay.person_id order by stay.first_sign_on
            rows between unbounded preceding and 1 preceding
        ) as ended_before
    from ({{ wide_rows(
        stays, 'kept',
        known_at('kept', var('load_seq') | int - 1) ~ ' and kept.person_id in (select since.person_id from since)'
    ) }}) as stay
    inner join since on stay.person_id = since.person_id
),

-- Of stays that begin on one day only the first begins after all before it.
apart as (
    select
        person_id,
        max(first_sign_on) as computed_from,
        max_by(stayed_before, first_sign_on) as stayed_before,
        max_by(numbered_before, first_sign_on) as numbered_before,
        max_by(ended_before, first_sign_on) as ended_before
    from standing
    where first_sign_on + 1 < changed_since and coalesce(ended_before < first_sign_on, true)
    group by person_id
)

select
    touched.person_id,
    coalesce(apart.computed_from, date '-infinity') as computed_from,
    coalesce(since.day, date '-infinity') as changed_since,
    apart.stayed_before,
    apart.numbered_before,
    apart.ended_before
from {{ ref('touched_person') }} as touched
left join since on touched.person_id = since.person_id
left join apart on touched.person_id = apart.person_id
{%- endif %}
