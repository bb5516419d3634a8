{#- What statistics tell of the paper that a person stays by. -#}

{% macro papers_told() -%}
{#- Statuses by papers alone, the strongest first. -#}
{{ return(['permanent_residence', 'temporary_residence', 'visa', 'pending']) }}
{%- endmacro %}

{% macro paper_rank(status) -%}
{#- Place of a status among `papers_told`. -#}
list_position(['{{ papers_told() | join("', '") }}'], {{ status }})
{%- endmacro %}

{% macro counted_status(category, paper_rank) -%}
{#- Status by which cubes count a person, `_U` where no paper is known. A category is the first that holds, so it decides: who
    is of a protected or an ethnic one is not told by any paper (`untold`), and stands with those of whom none is known. -#}
case
            when {{ category }} in ('refugee', 'asylum_seeker', 'stateless', 'kandas', 'compatriot') then 'untold'
            when {{ category }} = 'labour_migrant' then 'labour_permit'
            when {{ category }} = 'undetermined_status' then 'undetermined_status'
            else coalesce(['{{ papers_told() | join("', '") }}'][{{ paper_rank }}], '_U')
        end
{%- endmacro %}
