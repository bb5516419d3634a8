{#- Incremental strategy `made_anew`: what the model selects takes the place of all that stands; where it selects nothing,
    all stays. -#}
{% macro get_incremental_made_anew_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where exists (select 1 from {{ arg_dict['temp_relation'] }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}

{% macro curves_differ() %}
{#- Whether the curves of the home may be others than those that stand: this load brought another model or other odds,
    or was broken off after it had, or the project changed. -#}
    {%- if not execute or not is_incremental() or not var('project_stands', false) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set brought = 'known_from_seq >= ' ~ var('load_seq') ~ ' or known_to_seq >= ' ~ var('load_seq') -%}
    {%- set asked -%}
select
    exists (select 1 from {{ this }} where {{ brought }})
    or exists (select 1 from {{ source('presence', 'curve') }} where {{ brought }})
    {%- for model, told, of_whom in [
        ('standing_odds', '(odds, sway)', 'partition by span'),
        ('gone_odds', '(odds, dispersion, sway)', 'partition by class_group, span'),
        ('unheard_share', '(to_a_recorded, sway)', ''),
    ] %}
    or exists (
        select 1 from (
            select
                known_seq,
                {{ told }} is distinct from lag({{ told }}) over ({{ of_whom }} order by known_seq) as differs
            from {{ ref(model) }}
        )
        where differs and known_seq >= {{ var('load_seq') }}
    )
    {%- endfor %}
    {%- endset -%}
    {{ return(run_query(asked).columns[0][0]) }}
{% endmacro %}
