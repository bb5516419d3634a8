{% macro stays_with_rights(stays, known_end) -%}
{#- One row per row of `stays`, which has the columns of stay_history, and right that it has on the last covered day, with
    `known_end`: an exit, or a departure that a case tells of. What is asked for each counted interval is a column here:
    within a lambda the engine would compute it for each of them. -#}
select
    stay.* exclude (known_from_seq, known_to_seq),
    held.allowed_until,
    held.rule_id,
    held.ground,
    held.last_act_on,
    held.departed_on,
    held.counted_from,
    held.counted_until,
    asked.day,
    {{ known_end }} as known_end,
    {{ counted_day('stay', known_end, 'asked.day') }} as counted_on,
    cast(date_trunc('year', {{ counted_day('stay', known_end, 'asked.day') }}) as date) as counted_since,
    {{ presence_class('stay') }} as presence_class,
    {{ silent_since('stay') }} as silent_since,
    greatest(stay.known_from_seq, held.known_from_seq) as known_from_seq,
    least(stay.known_to_seq, held.known_to_seq) as known_to_seq
from {{ stays }} as stay
cross join (select {{ last_covered_day() }} as day) as asked
inner join ({{ rights_by_last_act() }}) as held on {{ right_on('held', 'stay', 'asked.day') }}
{%- endmacro %}

{% macro rights_by_last_act() -%}
{#- The rights of stays with the last personal act after the last allowed day in place of all. -#}
select
    * exclude (acts_on),
    acts_on[-1] as last_act_on
from {{ ref('stay_right_history') }}
{%- endmacro %}

{% macro control_facts(stay, last_act_on) -%}
{#- What control says of a row of `stays_with_rights`, as columns. `last_act_on` is the last act that may be told, which
    dates an overstay that ended unseen. Nothing but a personal act after the last allowed day makes an overstay, and a
    card of emigration is none. -#}
{%- set state = control_state(stay, stay, stay ~ '.known_end', stay ~ '.day') -%}
{{ stay }}.allowed_until,
    {{ stay }}.rule_id,
    cast(case {{ state }}
        when 'overstay' then {{ stay }}.day - {{ stay }}.allowed_until
        when 'left_late' then coalesce({{ stay }}.known_end, {{ last_act_on }}) - {{ stay }}.allowed_until
        else if({{ stay }}.ground is null, null, 0)
    end as integer) as overstay_days,
    {{ state }} as control_state,
    if(
        window_of.days is null, null,
        {{ days_counted(stay, stay ~ '.counted_on - window_of.days + 1', stay ~ '.counted_on') }}
    ) as days_in_window,
    {{ days_counted(stay, stay ~ '.counted_since', stay ~ '.counted_on') }} as days_in_year
{%- endmacro %}

{% macro told_departure(right, stay) -%}
{#- The day from which an overstay is over where only a case of enforcement says so, as far as it may be told: the first
    of its month, but after the last sign of life and the last allowed day. -#}
case
        when {{ right }}.last_act_on is not null and {{ right }}.removed_on is not null then greatest(
            cast(date_trunc('month', {{ right }}.removed_on) as date), {{ stay }}.last_sign_on,
            least({{ right }}.removed_on, {{ right }}.allowed_until + 1)
        )
    end
{%- endmacro %}

{% macro acts_of(stay) -%}
{#- Days of personal acts in the country: a crossing, a notification, a paid month. The filing of a paper is none. -#}
list_filter({{ stay }}.signs_on, lambda act_on: not coalesce(list_contains({{ stay }}.filed_only_on, act_on), false))
{%- endmacro %}

{% macro control_state(right, stay, ended_on, day) -%}
case
        when {{ stay }}.entered_on is null then 'entry_not_matched'
        when {{ right }}.ground is null then null
        when {{ ended_on }} <= {{ day }} then if({{ ended_on }} > {{ right }}.allowed_until, 'left_late', 'lawful')
        when {{ day }} > {{ right }}.allowed_until and {{ right }}.last_act_on is not null
            then if({{ stay }}.ended_on <= {{ day }}, 'left_late', 'overstay')
        when least({{ stay }}.died_on, {{ stay }}.moved_away_on) <= {{ day }} then 'lawful'
        when {{ stay }}.ended_unknown_on <= {{ day }} or {{ day }} > {{ right }}.allowed_until then 'exit_not_matched'
        when {{ day }} = {{ right }}.allowed_until then 'due'
        else 'lawful'
    end
{%- endmacro %}

{% macro counted_day(stay, ended_on, day) -%}
{#- The day up to which days count: the asked one, or the last on which the person was seen. -#}
if({{ stay }}.ended_on <= {{ day }} or {{ ended_on }} <= {{ day }},
        coalesce({{ ended_on }}, {{ stay }}.died_on, {{ stay }}.last_sign_on), {{ day }})
{%- endmacro %}

{% macro days_counted(right, first_day, last_day) -%}
{#- Days of the counted intervals that lie within the two days, both included. -#}
cast(list_sum(list_transform(
        range(1, len({{ right }}.counted_from) + 1),
        lambda i: greatest(
            least({{ right }}.counted_until[i], {{ last_day }}) - greatest({{ right }}.counted_from[i], {{ first_day }}) + 1,
            0
        )
    )) as integer)
{%- endmacro %}

{% macro right_on(right, stay, day) -%}
{#- Condition: the row of `right` is about `day`, or about the first day of a stay that begins after it. -#}
{{ stay }}.stay_id = {{ right }}.stay_id
        and {{ right }}.valid_from <= greatest({{ day }}, coalesce({{ stay }}.entered_on, {{ stay }}.first_sign_on))
        and coalesce(
            {{ right }}.valid_to > greatest({{ day }}, coalesce({{ stay }}.entered_on, {{ stay }}.first_sign_on)), true
        )
        and coalesce({{ right }}.known_from_seq < {{ stay }}.known_to_seq, true)
        and coalesce({{ stay }}.known_from_seq < {{ right }}.known_to_seq, true)
{%- endmacro %}

{% macro rule_windows() -%}
{#- Length of the window of each rule, by its newest version. -#}
select rule_id, arg_max(cast(window_days as integer), known_from_seq) as days
from {{ ref('stay_rule_history') }}
group by rule_id
{%- endmacro %}
