{% macro clock_of_post() -%}
{#- One row per post of the register whose territory is known: the clock that its region keeps. -#}
select
    post.post_code,
    region.clock
from {{ ref('control_post') }} as post
inner join {{ ref('region') }} as region on left(post.kato, 2) = left(region.kato, 2)
{%- endmacro %}

{% macro hour_at_post(moment, clock) -%}
{#- The hour by the clock of the post; of a post whose territory is not known, by that of Almaty. -#}
date_trunc('hour', timezone(coalesce({{ clock }}, 'Asia/Almaty'), {{ moment }}))
{%- endmacro %}

{% macro is_touched_post_month(period) -%}
{#- Whether this load changed the passages or the hours of a post in a month. Where it changed the register, the clocks of
    the years before one zone, on 1 March 2024, may be others. -#}
(
    {{ period }} in (
        select
            last_day(cast(
                {{ hour_at_post('passed.valid_hour', 'clock.clock') }} as date
            ))
        from {{ ref('post_hour_delta') }} as passed
        left join ({{ clock_of_post() }}) as clock on passed.post_code = clock.post_code
        where passed.known_seq = {{ var('load_seq') }}
        union
        select
            last_day(cast(
                {{ hour_at_post('told.hour_from', 'clock.clock') }} as date
            ))
        from {{ source('raw', 'post_hours') }} as told
        left join ({{ clock_of_post() }}) as clock on told.post_code = clock.post_code
        where told.record_id in (
            select changed.record_id
            from {{ source('intake', 'changed_record') }} as changed
            where changed.feed = 'post_hours'
        )
    )
    or (
        {{ period }} <= date '2024-03-31'
        and 'control_posts' in (select changed.feed from {{ source('intake', 'changed_record') }} as changed)
    )
)
{%- endmacro %}

{#- Incremental strategy `post_months`: the months that this load touched give way to what they are now. -#}
{% macro get_incremental_post_months_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where {{ is_touched_post_month('period') }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
