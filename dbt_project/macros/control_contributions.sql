{% macro control_versions() -%}
{#- What `control_contributions` reads of changed stays and of the last row of their rights, as known after this load and
    before it: each history is read once for both. -#}
{% if is_incremental() -%}
changed as (
    select stay_id from {{ ref('touched_stay') }}
    where known_from_seq = {{ var('load_seq') }} or known_to_seq = {{ var('load_seq') }}
    union
    select stay_id from {{ ref('stay_right_history') }} where known_from_seq = {{ var('load_seq') }}
    union
    select stay_id from {{ ref('stay_right_history') }} where known_to_seq = {{ var('load_seq') }}
),

{% endif -%}
stay_fact as (
    select * from {{ ref('touched_stay') if is_incremental() else ref('stay_history') }}
    {% if is_incremental() %}where stay_id in (select changed.stay_id from changed){% endif %}
),

right_fact as (
    {% if is_incremental() -%}
    {{ wide_rows(
        ref('stay_right_history'), 'kept',
        'kept.valid_to is null and (kept.known_to_seq is null or kept.known_to_seq = ' ~ var('load_seq')
        ~ ') and kept.stay_id in (select changed.stay_id from changed)'
    ) }}
    {%- else -%}
    select * from {{ ref('stay_right_history') }} where valid_to is null
    {%- endif %}
)
{%- endmacro %}

{% macro control_contributions(seq) -%}
{#- One row per figure of control to which a changed stay adds, as known at load `seq`, by what its last row says;
    `control_versions` goes before it. A stay belongs to the day on which its last allowed day fell, whenever the act came
    that shows it was not the last. -#}
{#- Both histories are cut down before they meet: else the engine joins them whole. -#}
with stay as (
    select * from stay_fact as stay where {{ known_at('stay', seq) }}
),

standing as (
    select * from right_fact as standing where {{ known_at('standing', seq) }}
),

held as (
    select
        coalesce(stay.citizenship, '_U') as citizenship,
        coalesce(stay.purpose, '_U') as purpose,
        stay.entered_on,
        stay.left_on,
        stay.died_on,
        stay.moved_away_on,
        stay.ended_unknown_on,
        stay.first_sign_on,
        standing.ground,
        if(standing.allowed_until >= stay.died_on, null, standing.allowed_until) as allowed_until,
        len(standing.acts_on) > 0 as is_proved,
        coalesce(told.cause, if(touched.person_id is null, 'rule_change', 'other')) as cause
    from stay
    inner join standing on stay.stay_id = standing.stay_id
    left join {{ ref('touched_cause') }} as told on stay.person_id = told.person_id
    left join {{ ref('touched_person') }} as touched on stay.person_id = touched.person_id
)

select citizenship, purpose, cause, 'departures_due' as indicator, allowed_until as valid_day, 1 as change
from held where entered_on is not null and allowed_until is not null
union all
select citizenship, purpose, cause, 'overstays' as indicator, allowed_until as valid_day, 1 as change
from held where entered_on is not null and allowed_until is not null and is_proved
union all
select
    citizenship, purpose, cause, 'exits_not_matched' as indicator,
    least(allowed_until + 1, ended_unknown_on) as valid_day, 1 as change
from held
where
    entered_on is not null and left_on is null and not is_proved
    and least(allowed_until + 1, ended_unknown_on) is not null and coalesce(died_on > allowed_until, true)
    and (moved_away_on is null or moved_away_on > allowed_until)
union all
select
    citizenship, purpose, cause, 'entries_not_matched' as indicator, coalesce(left_on, first_sign_on) as valid_day, 1 as change
from held where entered_on is null
union all
select citizenship, purpose, cause, 'grounds_unknown' as indicator, entered_on as valid_day, 1 as change
from held where entered_on is not null and ground is null
{%- endmacro %}
