{#- How exact values become releasable ones; used for microdata (`analysis`) and for statistics alike. -#}

{% macro released_citizenship(citizenship) -%}
{#- Refugee documents say nothing about citizenship here; small citizenships are one group. -#}
case
    when {{ citizenship }} is null or {{ citizenship }} in ('_U', 'XXB', 'XXC') then '_U'
    when {{ citizenship }} in (select small.citizenship from {{ ref('small_citizenship') }} as small) then '_R'
    else {{ citizenship }}
end
{%- endmacro %}

{% macro counted_citizenship(released) -%}
{#- Recognised stateless persons are counted by month and region alone, so no cube shows them as a citizenship. -#}
if({{ released }} = 'XXA', '_R', {{ released }})
{%- endmacro %}

{% macro released_purpose(purpose) -%}
{#- Purposes that can harm a person are not told apart. -#}
if({{ purpose }} in ('asylum', 'treatment'), 'other', {{ purpose }})
{%- endmacro %}

{% macro released_category(category) -%}
{#- Categories that imply ethnicity or protection are not told apart. -#}
if({{ category }} in ('refugee', 'asylum_seeker', 'kandas', 'compatriot'), 'foreigner', {{ category }})
{%- endmacro %}

{% macro counted_category(category) -%}
{#- In statistics the recognised stateless, too, stand by region only. -#}
if({{ category }} = 'stateless', 'foreigner', {{ released_category(category) }})
{%- endmacro %}

{% macro released_status(status) -%}
{#- Statuses that imply ethnicity or protection are one. -#}
if({{ status }} in ('ata_zholy', 'kandas', 'asylum_seeker', 'refugee'), 'lawful_other', {{ status }})
{%- endmacro %}

{% macro released_ground(ground) -%}
{#- An application that waits may be for what implies ethnicity or protection, so that none is told apart from these. -#}
if({{ ground }} = 'pending', 'lawful_other', {{ released_status(ground) }})
{%- endmacro %}

{% macro permits_untold() -%}
{#- One row per record of a paper that implies ethnicity: it is shown no more than a record of a restricted feed. -#}
select permit.record_id
from {{ ref('permit_event') }} as permit
where permit.permit_type = 'ata_zholy'
{%- endmacro %}

{% macro released_basis_feed(basis_feed) -%}
{#- A feed whose name tells of ethnicity or protection counts among the papers of residence, the largest group. -#}
if({{ basis_feed }} in ('asylum_cases', 'kandas_cases'), 'residence_permits', {{ basis_feed }})
{%- endmacro %}

{% macro released_host_type(host_type) -%}
{#- A clinic or centre tells of illness or custody. -#}
if({{ host_type }} in ('clinic', 'centre'), 'institution', {{ host_type }})
{%- endmacro %}

{% macro birth_band(birth_date) -%}
{#- First year of the five-year band. -#}
try_cast(left({{ birth_date }}, 4) as integer) // 5 * 5
{%- endmacro %}

{% macro common_states() -%}
{#- States that a hundred persons or more moved from or to; one that few have could name a person. -#}
select moved.country
from {{ ref('residence_move_history') }} as fact
cross join lateral (values (fact.from_country), (fact.to_country)) as moved (country)
where fact.known_to_seq is null
group by moved.country
having count(distinct fact.person_id) >= 100
{%- endmacro %}

{% macro released_state(state) -%}
{#- Of a change of residence, with `common` for the common states. -#}
case
    when {{ state }} is null then '_U'
    when {{ state }} in (select common.country from common) then {{ state }}
    else '_R'
end
{%- endmacro %}
