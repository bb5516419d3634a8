{{ config(materialized='view') }}
{#- The class of a stay is asked of those alone that hold on such a day. Those who left unrecorded before any sign count
    with their like who left on record, so that a probability may be above one. -#}
with reference as (
    {{ reference_dates() }}
),

possible as (
    select
        reference.period,
        stay.person_id,
        stay.citizenship,
        stay.purpose,
        stay.entered_on,
        stay.first_sign_on,
        stay.ended_on,
        false as is_unseen,
        len(list_filter(stay.signs_on, lambda day: day between reference.period - 90 and reference.period)) > 0
            as is_confirmed,
        {{ silent_since('stay') }} as silent_since,
        stay.ended_unknown_on as returned_on,
        {{ presence_class('stay') }} as presence_class,
        null as unseen_class,
        null as absent_on
    from {{ ref('stay_history') }} as stay
    inner join reference
        on stay.first_sign_on <= reference.period and coalesce(stay.ended_on, date '9999-12-31') > reference.period
    where stay.known_to_seq is null
    union all by name
    select
        reference.period,
        stay.person_id,
        stay.citizenship,
        stay.purpose,
        stay.first_sign_on,
        stay.ended_on,
        true as is_unseen,
        false as is_confirmed,
        {{ silent_since('stay') }} as silent_since,
        stay.ended_unknown_on as returned_on,
        {{ presence_class('stay') }} as presence_class,
        {{ unseen_class('stay') }} as unseen_class,
        if({{ is_first_heard_of_by_exit('stay') }}, {{ unheard_class(unseen_class('stay')) }}, null) as unheard_class,
        stay.absent_on
    from {{ ref('stay_history') }} as stay
    inner join reference
        on
            stay.first_sign_on > reference.period
            and coalesce(stay.absent_on, stay.first_sign_on - {{ longest_silence() }}) <= reference.period
    where
        stay.known_to_seq is null and stay.entered_on is null
        and coalesce(stay.first_sign_on < stay.died_on, true)
    union all by name
    select
        reference.period,
        held.person_id,
        held.citizenship,
        held.valid_from as first_sign_on,
        held.valid_to as ended_on,
        held.valid_from > reference.period as is_unseen,
        false as is_confirmed,
        held.valid_from - 1 as silent_since,
        held.presence_class,
        if(held.valid_from > reference.period, held.presence_class, null) as unseen_class
    from {{ ref('validity_only') }} as held
    inner join reference
        on
            coalesce(held.valid_to, date '9999-12-31') > reference.period
            and if(held.is_first, held.valid_from - {{ longest_silence() }}, held.valid_from) <= reference.period
),

lasting as (
    select
        {% for months in lasting_terms() %}
        greatest(
            period,
            cast(
                if(is_unseen, period, coalesce(entered_on, first_sign_on)) + interval {{ months }} month as date
            )
        ) as until_{{ months }},
        {% endfor %}
        *
    from possible
),

asked as (
    select
        *,
        case
            when is_unseen then unseen_class
            when period > silent_since then presence_class
        end as class,
        if(returned_on is null, 'open', 'returned') as ending_later,
        if(is_unseen, if(absent_on is null, 'unseen', 'away'), ending_later) as ending,
        if(is_unseen, first_sign_on - period, period - silent_since) as age_days,
        if(
            is_unseen, first_sign_on - coalesce(absent_on, {{ first_reported_day() }}),
            coalesce(returned_on, {{ last_covered_day() }}) - silent_since
        ) as silent_days,
        {% for months in lasting_terms() %}
        if(until_{{ months }} > silent_since, presence_class, null) as class_{{ months }},
        ending_later as ending_{{ months }},
        until_{{ months }} - silent_since as age_days_{{ months }},
        greatest(coalesce(returned_on, {{ last_covered_day() }}), until_{{ months }}) - silent_since
            as silent_days_{{ months }},
        {% endfor %}
        if(is_unseen, first_sign_on, period) as described_on
    from lasting
)

select
    asked.period,
    asked.person_id,
    asked.citizenship,
    asked.purpose,
    asked.entered_on,
    asked.is_unseen,
    asked.is_confirmed,
    asked.described_on,
    {{ chance_columns('asked.is_unseen and curve.probability is null', beside='unheard') }},
    {% for months in lasting_terms() %}
    {{ chance_columns('coalesce(asked.ended_on <= asked.until_' ~ months ~ ', false)', '_' ~ months) }},
    {% endfor %}
    coalesce(curve.variance, 0) + coalesce(unheard.variance, 0) as variance
from asked
{{ chance_joins('asked') }}
left join {{ ref('weighed_curve') }} as unheard
    on
        asked.unheard_class = unheard.presence_class and curve.ending = unheard.ending
        and curve.band = unheard.band and curve.silent_band = unheard.silent_band and unheard.known_to_seq is null
{% for months in lasting_terms() %}
{{ chance_joins('asked', '_' ~ months) }}
{% endfor %}
