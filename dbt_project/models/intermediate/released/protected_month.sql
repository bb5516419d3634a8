{{ config(materialized='view') }}

{%- set dimensions = ['category', 'citizenship', 'sex', 'age_group', 'region', 'district'] %}

with covered as (
    {{ covered_days() }}
),

month_end as (
    select period from covered
    where period = last_day(period)
),

held as (
    select
        valid_day,
        category,
        {{ counted_citizenship(released_citizenship('citizenship')) }} as citizenship,
        sex,
        age_group,
        region,
        district,
        indicator,
        {{ silence_columns() | join(',\n        ') }},
        change
    from {{ ref('stock_delta') }}
    where category in ('stateless', 'refugee', 'asylum_seeker')
),

step as materialized (
    {{ silence_steps('held', dimensions) }}
),

counted as (
    select
        valid_day,
        {{ dimensions | join(',\n        ') }},
        change
    from held
    where indicator in ('present_confirmed', 'presence_unknown')
    union all
    select
        valid_day,
        {{ dimensions | join(',\n        ') }},
        -less as change
    from step
)

select
    month_end.period,
    counted.category as protected,
    counted.citizenship,
    {{ counted_category('counted.category') }} as category,
    counted.sex,
    counted.age_group,
    counted.region,
    counted.district,
    cast(sum(counted.change) as double) as persons
from counted
inner join month_end on counted.valid_day <= month_end.period
group by all
having sum(counted.change) > 0
