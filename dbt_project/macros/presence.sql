{% macro presence(ended_on, last_sign_on, day) -%}
{#- Whether a person whose stay ended or last gave a sign of life on these days is in the country on `day`. -#}
case
    when {{ ended_on }} <= {{ day }} then 'left'
    when {{ last_sign_on }} + 90 >= {{ day }} then 'present'
    else 'unknown'
end
{%- endmacro %}

{% macro last_covered_day() -%}
{#- The last day that an accepted delivery reports. -#}
(
    select max(delivery.business_date)
    from {{ reporting_deliveries() }} as delivery
)
{%- endmacro %}

{% macro silent_since(stay) -%}
{#- The last sign of life, where neither an exit nor a card of emigration nor a death says how the stay ended: from then
    on presence is a chance. -#}
if(
    coalesce({{ stay }}.left_on, {{ stay }}.moved_away_on, {{ stay }}.died_on) is null, {{ stay }}.last_sign_on, null
)
{%- endmacro %}

{% macro paper_of_class(stay, decision) -%}
{#- One row per person and span of a paper that says what kind of stay it is: of residence or of labour, an application
    too. Not a visa, which visitors have, nor what implies ethnicity or protection: classes are shown.

    Args: `stay` names the persons; `decision` says of which type the paper was that was applied for. -#}
select
    status.person_id,
    if(status.basis_feed = 'labour_permits', 'labour', 'residence') as paper,
    status.valid_from,
    status.valid_to
from {{ ref('legal_status_history') }} as status
where
    status.known_to_seq is null and status.basis_feed in ('residence_permits', 'labour_permits')
    and status.status not in ('visa', 'ata_zholy')
    and status.person_id in (select asked.person_id from {{ stay }} as asked)
    and (status.basis_feed, status.basis_record_id) not in (
        select ('residence_permits', asked.record_id) from {{ decision }} as asked
        where asked.permit_type in ('visa', 'ata_zholy')
    )
{%- endmacro %}

{% macro stays_remembered() -%}
{#- Number of earlier stays that say how long a person uses to stay. -#}
5
{%- endmacro %}

{% macro complete_days(is_born_here, entered_on, left_on) -%}
{#- Days from the recorded entry of a stay to its recorded exit; empty where one of them is not recorded. -#}
if({{ is_born_here }}, null, {{ left_on }} - {{ entered_on }})
{%- endmacro %}

{% macro class_of_stay(stay, paper, entered_on, sign_on, is_plain=false) -%}
{#- Class for the model of presence, from what releases show of purpose, papers and citizenship, and, unless it is plain, from
    how long the person used to stay and whether an identification number is known. -#}
build.presence.class_of(
    {{ released_purpose(stay ~ '.purpose') }}, {{ paper }}, {{ stay }}.citizenship,
    {{ 'null, null' if is_plain else stay ~ '.usual_days, ' ~ stay ~ '.numbered_on' }}, {{ entered_on }},
    {{ stay }}.first_sign_on, {{ sign_on }}
)
{%- endmacro %}

{% macro presence_class(stay) -%}
{#- Class of the silence after the last sign of a stay. Who was born here has not come for a while, as those who enter may
    have. -#}
{{ class_of_stay(
    stay, stay ~ '.last_paper', 'if(' ~ stay ~ '.is_born_here, null, ' ~ stay ~ '.entered_on)', stay ~ '.last_sign_on'
) }}
{%- endmacro %}

{% macro plain_class(stay) -%}
{#- The same as if nothing were known of how long the person used to stay, nor of a number. -#}
{{ class_of_stay(
    stay, stay ~ '.last_paper', 'if(' ~ stay ~ '.is_born_here, null, ' ~ stay ~ '.entered_on)', stay ~ '.last_sign_on',
    is_plain=true
) }}
{%- endmacro %}

{% macro unseen_class(stay) -%}
{#- Class of the days before the first sign of a stay whose entry was not recorded: as if it were the entry. -#}
{{ class_of_stay(stay, stay ~ '.first_paper', stay ~ '.first_sign_on', stay ~ '.first_sign_on') }}
{%- endmacro %}

{% macro first_reported_day() -%}
{#- The first day of which the border has told. -#}
(
    select max_by(told.first_day, told.known_seq)
    from {{ ref('first_reported') }} as told
)
{%- endmacro %}

{% macro chance_now() -%}
{#- One row per class and band of days of silence so far: the chance to be here on the last covered day. -#}
select
    curve.presence_class,
    curve.band,
    curve.probability
from {{ ref('weighed_curve') }} as curve
where curve.ending = 'open' and curve.band = curve.silent_band and curve.known_to_seq is null
{%- endmacro %}

{% macro presence_probability(ended_on, silent_since, chance) -%}
{#- Probability to be in the country on the last covered day; `chance` is a row of `chance_now`. -#}
cast(
    case
        when {{ ended_on }} <= {{ last_covered_day() }} then 0
        when coalesce({{ silent_since }} < {{ last_covered_day() }}, false) then {{ chance }}.probability
        else 1
    end as double
)
{%- endmacro %}

{% macro days_silent(silent_since) -%}
{#- Days from the last sign of life to the last covered day, as the curves count them. -#}
least({{ last_covered_day() }} - {{ silent_since }}, {{ longest_silence() }})
{%- endmacro %}

{% macro longest_silence() -%}
{#- Longer silences count as this one. -#}
(select max(age.days) from {{ source('presence', 'age') }} as age)
{%- endmacro %}

{% macro own_deliveries() -%}
{#- One row per day: when the delivery of passages of the day itself was made. Passages wait from then on: what a whole
    delivery is late by is over once it has come. -#}
select
    business_date,
    min(made_on) as made_on
from {{ ref('counted_arrival') }}
where feed = 'border_crossings'
group by business_date
{%- endmacro %}
