{{ config(materialized='view') }}

with covered as (
    {{ covered_days() }}
),

month_end as (
    select period from covered
    where period = last_day(period)
),

released_step as materialized (
    {{ silence_steps(ref('released_stock_delta'), stock_dimensions()) }}
),

released_change as (
    select
        valid_day,
        {{ stock_dimensions() | join(',\n        ') }},
        indicator,
        change
    from {{ ref('released_stock_delta') }}
    where indicator not in ('silent', 'unseen')
    union all by name
    from released_step
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

released as (
    {% for cube, dimensions in stock_cubes().items() %}
    select
        '{{ cube }}' as cube,
        valid_day,
        indicator,
        change,
        less,
        less_lower,
        less_upper,
        scatter,
    {%- for dimension in stock_dimensions() %}
    {{ dimension if dimension in dimensions else "'_T'" }} as {{ dimension }}{{ ',' if not loop.last }}
    {%- endfor %}
    from released_change
    union all
    {% endfor %}
    select
        'protected_region' as cube,
        valid_day,
        indicator,
        change,
        less,
        less_lower,
        less_upper,
        scatter,
        '_T' as citizenship,
        '_T' as sex,
        '_T' as age_group,
        category,
        region,
        '_T' as district,
        '_T' as purpose
    from protected_change
),

change as (
    select
        greatest(last_day(valid_day), (select min(period) from month_end)) as period,
        cube,
        {{ stock_dimensions() | join(', ') }},
        {{ stock_sums() }}
    from released
    where valid_day <= (select max(period) from month_end)
    group by all
),

cell as (
    select distinct cube, {{ stock_dimensions() | join(', ') }} from change
),

dense as (
    select
        month_end.period,
        cell.*,
        change.confirmed,
        change.unknown,
        change.less,
        change.less_lower,
        change.less_upper,
        change.scatter
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
