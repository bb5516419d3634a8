{{ config(materialized='view') }}

{%- set measures = ['confirmed', 'unknown', 'less', 'less_lower', 'less_upper', 'scatter'] %}

with month_end as (
    {{ month_ends() }}
),

released_silence as (
    {{ silence_by_month(ref('released_stock_delta'), stock_dimensions(), 'month_end') }}
),

released_change as (
    select
        greatest(last_day(valid_day), (select min(month_end.period) from month_end)) as period,
        {{ stock_dimensions() | join(',\n        ') }},
        indicator,
        change
    from {{ ref('released_stock_delta') }}
    where
        indicator not in ('silent', 'unseen')
        and valid_day <= (select max(month_end.period) from month_end)
    union all by name
    select * from released_silence
),

-- The changes of all persons are read once, into cells few enough for all cubes to be made of them.
fine as materialized (
    select
        period,
        {{ stock_dimensions() | join(',\n        ') }},
        {{ stock_sums() }}
    from released_change
    group by grouping sets (
        {%- for grain in stock_grains() %}
        (period, {{ grain | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
),

protected_step as (
    {{ silence_steps(ref('protected_stock_delta'), ['category', 'region']) }}
),

protected_change as (
    select
        valid_day,
        category,
        region,
        indicator,
        change
    from {{ ref('protected_stock_delta') }}
    where indicator not in ('silent', 'unseen')
    union all by name
    from protected_step
),

change as (
    {% for cube, dimensions in stock_cubes().items() %}
    select
        '{{ cube }}' as cube,
        period,
        {{ cube_columns(dimensions) }},
        {{ stock_totals(measures) }}
    from fine
    where {{ stock_grain(cube) | join(' is not null and ') }} is not null
    group by all
    union all
    {% endfor %}
    select
        'protected_region' as cube,
        greatest(last_day(valid_day), (select min(month_end.period) from month_end)) as period,
        '_T' as citizenship,
        '_T' as sex,
        '_T' as age_group,
        category,
        region,
        '_T' as district,
        '_T' as purpose,
        {{ stock_sums() }}
    from protected_change
    where valid_day <= (select max(month_end.period) from month_end)
    group by all
),

-- Changes that take one another back leave no cell, however many loads they came in.
cell as (
    select distinct cube, {{ stock_dimensions() | join(', ') }} from change
    where {{ measures | join(' <> 0 or ') }} <> 0
),

dense as (
    select
        month_end.period,
        cell.*,
    {%- for measure in measures %}
    change.{{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
    from month_end
    cross join cell
    left join change
        on
            month_end.period = change.period
            and cell.cube = change.cube
            {% for dimension in stock_dimensions() %}
            and cell.{{ dimension }} = change.{{ dimension }}
            {% endfor %}
)

select
    period,
    cube,
    {{ stock_dimensions() | join(', ') }},
    {{ stock_running('dense') }}
from dense
window running as (partition by cube, {{ stock_dimensions() | join(', ') }} order by period)
