{#- Until the decision on an appeal a refusal is not final. -#}
{%- set open_steps = "('applied', 'certificate_issued', 'extended', 'appealed', 'recognised')" -%}
with step as (
    select
        touched.person_id,
        event.feed,
        event.record_id,
        event.case_id,
        event.event,
        event.event_on,
        event.valid_until,
        {{ place_in_day('event.event') }} as place_in_day
    from {{ ref('case_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
    where event.feed in ('asylum_cases', 'kandas_cases')
),

followed as (
    select
        *,
        lead(event_on) over course as replaced_on,
        last_value(
            case when event = 'recognised' then true when event in ('applied', 'refused', 'ceased') then false end
            ignore nulls
        ) over (course rows between unbounded preceding and current row) as is_recognised
    from step
    where place_in_day is not null
    window course as (partition by person_id, feed, case_id order by event_on, place_in_day, record_id)
)

select
    person_id,
    case
        when feed = 'kandas_cases' then 'kandas'
        when coalesce(is_recognised, false) then 'refugee'
        else 'asylum_seeker'
    end as status,
    feed as basis_feed,
    record_id,
    event_on as valid_from,
    least(valid_until + 1, replaced_on) as valid_to
from followed
where
    (feed = 'asylum_cases' and event in {{ open_steps }})
    or (feed = 'kandas_cases' and event in ('granted', 'extended'))
union all
select
    person_id,
    'pending' as status,
    feed as basis_feed,
    record_id,
    if(feed = 'asylum_cases', valid_until + 1, event_on) as valid_from,
    replaced_on as valid_to
from followed
where
    (
        feed = 'asylum_cases' and event in {{ open_steps }}
        and coalesce(valid_until + 1 < replaced_on, valid_until is not null)
    )
    or (feed = 'kandas_cases' and event in ('applied', 'lapsed'))
