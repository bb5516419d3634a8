{#- Populations that are not who is here on a day: by how long people stay, and by their papers. -#}

{% macro residents() -%}
{#- One row per reference date and person of whom behaviour says whether he lives here, with the chance and its bounds.

    The last change of residence by the twelve-month rule decides, else the departure within a year after the day, for who
    leaves by that rule had lived here; else twelve of the sixteen months before the day. -#}
with reference as (
    {{ reference_dates() }}
),

turn as (
    select
        reference.period,
        told.*
    from {{ ref('residence_change_history') }} as told
    cross join reference
    where
        told.known_to_seq is null
        and (
            told.changed_on <= reference.period or told.direction = 'immigration'
            or told.changed_on <= reference.period + interval 12 month
        )
    qualify row_number() over (
        partition by reference.period, told.person_id
        order by told.changed_on <= reference.period desc, abs(told.changed_on - reference.period), told.direction
    ) = 1
),

decided as (
    select
        *,
        if(changed_on <= period, direction = 'immigration', direction = 'emigration') as lives_here,
        presence_class as class,
        if(returned_on is null, 'open', 'returned') as ending,
        reached_on - silent_since as age_days,
        greatest(coalesce(returned_on, {{ last_covered_day() }}), reached_on) - silent_since as silent_days
    from turn
),

lived as (
    select
        reference.period,
        stay.person_id,
        max_by(stay.citizenship, stay.first_sign_on) as citizenship
    from {{ ref('stay_history') }} as stay
    inner join reference
        on
            stay.first_sign_on <= reference.period
            and coalesce(stay.left_on, stay.last_sign_on + 1) > reference.period - interval 16 month
    where stay.known_to_seq is null
    group by reference.period, stay.person_id
    having sum(
        least(coalesce(stay.left_on, cast(stay.last_sign_on + 1 as date)), reference.period + 1)
        - greatest(stay.first_sign_on, cast(reference.period - interval 16 month as date) + 1)
    ) >= any_value(reference.period - cast(reference.period - interval 12 month as date))
)

select
    decided.period,
    decided.person_id,
    decided.citizenship,
    decided.region,
    {{ chance_columns('not decided.lives_here') }}
from decided
{{ chance_joins('decided') }}
union all by name
select
    lived.*,
    1 as probability,
    1 as lower,
    1 as upper
from lived anti join decided using (period, person_id)
{%- endmacro %}

{% macro paper_holders() -%}
{#- One row per reference date and person with a paper in force; what was applied for is none, nor what the law gives. -#}
select distinct
    reference.period,
    told.person_id
from {{ ref('legal_status_history') }} as told
inner join ({{ reference_dates() }}) as reference
    on told.valid_from <= reference.period and coalesce(told.valid_to, date '9999-12-31') > reference.period
where told.known_to_seq is null and told.status not in ('pending', 'citizen')
{%- endmacro %}

{% macro populations() -%}
{#- Populations other than `present`, each with the columns of its chance and bounds: whoever lives here, who is here for a
    time and does not, and who has a paper. -#}
{{ return({
    'usual_resident': ['for_good', 'least_for_good', 'most_for_good'],
    'temporary': ['for_months', 'least(for_months, one_bound, other_bound)', 'greatest(for_months, one_bound, other_bound)'],
    'registered': ['registered', 'registered', 'registered'],
}) }}
{%- endmacro %}
