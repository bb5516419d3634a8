{#- What stood before this load says which months are counted, so that a load that is done again counts the same. -#}
{%- set counts = standing_table('intermediate', 'cluster_size_month') %}
with covered as (
    {{ month_ends() }}
),

counted as (
    {% if counts is none or flags.FULL_REFRESH -%}
    select period from covered
    where false
    {%- else -%}
    select distinct counts.period
    from {{ counts }} as counts
    where {{ known_at('counts', var('load_seq') | int - 1) }}
    {%- endif %}
)

select
    period,
    counted.period is null as is_whole
from covered
full join counted using (period)
