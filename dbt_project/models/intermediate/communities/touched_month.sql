{#- A month counts with the one three months later, in which a community is compared with it. -#}
-- depends_on: {{ ref('changed_member') }}
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
        where load_seq < {{ var('load_seq') }}
    ) as before
    where coalesce(covered.period not between before.first_day and before.last_day, true)
    union
    select period
    from {{ ref('changed_member') }}
    {%- endif %}
)

select period from covered
where
    period in (select touched.period from touched)
    or period in (select last_day(cast(touched.period + interval 3 month as date)) from touched)
