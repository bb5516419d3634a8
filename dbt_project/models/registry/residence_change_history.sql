{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'direction', 'changed_on'],
    meta={'scope': 'person', 'publish': {'restricted': 'registry.residence_change_history'}}
) }}
{#- Behaviour alone says it, by days: an arrival holds where the person is here twelve of the next sixteen months and
    was away twelve of the sixteen before, a departure the other way round. Papers say no more than how long such a stay
    tends to last: they are in its class. -#}
{%- set sixteen, twelve = 'interval 16 month', 'interval 12 month' %}
{%- set visit_days = 90 %}
-- depends_on: {{ ref('touched_person') }}

with known as (
    select
        stay.person_id,
        stay.stay_id,
        stay.citizenship,
        if(stay.is_born_here, null, stay.entered_on) as entered_on,
        coalesce(stay.left_on, stay.moved_away_on) as gone_on,
        stay.first_sign_on as from_on,
        coalesce(stay.left_on, cast(stay.last_sign_on + 1 as date)) as sure_until,
        coalesce(stay.ended_on, date '9999-12-31') as possible_until,
        {{ silent_since('stay') }} as silent_since,
        stay.ended_unknown_on as returned_on,
        {{ presence_class('stay') }} as presence_class,
        coalesce(stay.first_paper, stay.last_paper) is not null as has_paper
    from {{ ref('touched_stay') }} as stay
    where
        stay.known_to_seq is null and coalesce(stay.first_sign_on < stay.died_on, true)
        and stay.person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
),

-- Of whom nothing tells but short visits, nobody expects a year.
stay as (
    select * from known
    where person_id in (
        select person.person_id
        from known as person
        group by person.person_id
        having
            sum(person.possible_until - person.from_on) >= 365
            and (sum(person.sure_until - person.from_on) > {{ visit_days }} or bool_or(person.has_paper))
    )
),

turn as (
    select
        person_id,
        stay_id,
        citizenship,
        'immigration' as direction,
        entered_on as changed_on
    from stay
    where entered_on is not null
    union all
    select
        person_id,
        stay_id,
        citizenship,
        'emigration' as direction,
        gone_on as changed_on
    from stay
    where gone_on is not null
),

bounded as (
    select
        *,
        cast(changed_on - {{ sixteen }} as date) as since_on,
        cast(changed_on + {{ sixteen }} as date) as until_on,
        changed_on - cast(changed_on - {{ twelve }} as date) as year_before,
        cast(changed_on + {{ twelve }} as date) - changed_on as year_after
    from turn
),

before as (
    select
        bounded.person_id,
        bounded.stay_id,
        bounded.direction,
        coalesce(sum(
            least(stay.sure_until, bounded.changed_on) - greatest(stay.from_on, bounded.since_on)
        ) filter (where stay.from_on is not null), 0) as days_here
    from bounded
    left join stay
        on
            bounded.person_id = stay.person_id and stay.from_on < bounded.changed_on
            and stay.sure_until > bounded.since_on
    group by all
),

following as (
    select
        bounded.person_id,
        bounded.stay_id,
        bounded.direction,
        bounded.changed_on,
        bounded.year_after,
        stay.from_on,
        stay.silent_since,
        stay.returned_on,
        stay.presence_class,
        stay.possible_until,
        greatest(least(stay.sure_until, bounded.until_on) - stay.from_on, 0) as sure_days,
        greatest(least(stay.possible_until, bounded.until_on) - stay.from_on, 0) as possible_days,
        coalesce(sum(greatest(least(stay.sure_until, bounded.until_on) - stay.from_on, 0)) over (
            partition by bounded.person_id, bounded.stay_id, bounded.direction
            order by stay.from_on, stay.sure_until, stay.stay_id rows between unbounded preceding and 1 preceding
        ), 0) as days_so_far
    from bounded
    inner join stay
        on
            bounded.person_id = stay.person_id and stay.from_on >= bounded.changed_on
            and stay.from_on < bounded.until_on
            and (bounded.direction = 'immigration' or bounded.stay_id <> stay.stay_id)
),

after as (
    select
        person_id,
        stay_id,
        direction,
        sum(sure_days) as days_here,
        min(from_on) filter (where possible_until = date '9999-12-31') as here_again_on,
        min(from_on + cast(year_after - days_so_far as integer)) filter (
            where days_so_far < year_after and days_so_far + possible_days >= year_after
        ) as reached_on,
        arg_min(struct_pack(presence_class, silent_since, returned_on), (from_on, days_so_far)) filter (
            where days_so_far < year_after and days_so_far + possible_days >= year_after
        ) as silence
    from following
    group by all
),

holding as (
    select
        bounded.person_id,
        bounded.stay_id,
        bounded.direction,
        bounded.changed_on,
        bounded.citizenship,
        if(
            bounded.direction = 'immigration', after.reached_on,
            bounded.changed_on + cast(bounded.year_after + coalesce(after.days_here, 0) as integer)
        ) as reached_on,
        if(after.reached_on > after.silence.silent_since, after.silence, null) as silence,
        after.here_again_on
    from bounded
    inner join before
        on
            bounded.person_id = before.person_id and bounded.stay_id = before.stay_id
            and bounded.direction = before.direction
    left join after
        on
            bounded.person_id = after.person_id and bounded.stay_id = after.stay_id
            and bounded.direction = after.direction
    where
        if(
            bounded.direction = 'immigration',
            after.reached_on is not null
            and before.days_here <= bounded.changed_on - bounded.since_on - bounded.year_before,
            before.days_here >= bounded.year_before
            and coalesce(after.days_here, 0) <= bounded.until_on - bounded.changed_on - bounded.year_after
        )
),

-- Who left and came back for good before a year had passed has not moved. Of several turns within sixteen months that
-- all hold the first is the change.
change as (
    select *
    from holding
    where direction = 'immigration' or coalesce(here_again_on >= reached_on, true)
    qualify coalesce(
        changed_on >= lag(changed_on) over (
            partition by person_id, direction order by changed_on, stay_id
        ) + {{ sixteen }}, true
    )
),

placed as (
    select
        change.person_id,
        change.direction,
        change.changed_on,
        if(
            any_value(change.direction) = 'immigration',
            arg_min(place.region, place.valid_from), arg_max(place.region, place.valid_from)
        ) as region
    from change
    inner join {{ ref('released_placement_history') }} as place
        on
            change.person_id = place.person_id and place.known_to_seq is null
            and if(
                change.direction = 'immigration',
                place.valid_from < change.reached_on and coalesce(place.valid_to > change.changed_on, true),
                place.valid_from < change.changed_on
            )
    group by change.person_id, change.direction, change.changed_on
)

select
    change.person_id,
    change.direction,
    change.changed_on,
    coalesce(change.citizenship, '_U') as citizenship,
    coalesce(placed.region, '_U') as region,
    change.reached_on,
    if(change.direction = 'immigration', change.silence.presence_class, null) as presence_class,
    if(change.direction = 'immigration', change.silence.silent_since, null) as silent_since,
    if(change.direction = 'immigration', change.silence.returned_on, null) as returned_on,
    {{ opened_now() }}
from change
left join placed
    on
        change.person_id = placed.person_id and change.direction = placed.direction
        and change.changed_on = placed.changed_on
