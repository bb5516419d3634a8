{#- A month counts with the one three months later, in which a community is compared with it. -#}
-- depends_on: {{ ref('member_history') }}
{%- set load = var('load_seq') %}
with covered as (
    {{ month_ends() }}
),

touched as (
    {% if flags.FULL_REFRESH or standing_table('intermediate', 'community_cell') is none -%}
    select period from covered
    {%- else -%}
    select covered.period
    from covered
    cross join (
        select
            min(business_date) as first_day,
            max(business_date) as last_day
        from {{ reporting_deliveries() }} as delivery
        where load_seq < {{ load }}
    ) as before
    where coalesce(covered.period not between before.first_day and before.last_day, true)
    union
    select changed.period
    from (
        select
            covered.period,
            version.* exclude (valid_from, valid_to, known_from_seq, known_to_seq, sign)
        from (
            select
                *,
                1 as sign
            from {{ ref('member_history') }}
            where known_from_seq = {{ load }}
            union all
            select
                *,
                -1 as sign
            from {{ ref('member_history') }}
            where known_to_seq = {{ load }}
        ) as version
        inner join covered
            on version.valid_from <= covered.period and coalesce(covered.period < version.valid_to, true)
        group by all
        having sum(version.sign) <> 0
    ) as changed
    {%- endif %}
)

select period from touched
union
select covered.period
from touched
inner join covered on covered.period = last_day(cast(touched.period + interval 3 month as date))
