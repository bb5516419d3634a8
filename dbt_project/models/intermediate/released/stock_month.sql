{{ config(materialized='view') }}

with covered as (
    {{ covered_days() }}
),

month_end as (
    select period from covered
    where period = last_day(period)
),

released as (
    {% for cube, dimensions in stock_cubes().items() %}
    select
        '{{ cube }}' as cube,
        valid_day,
        indicator,
        change,
    {%- for dimension in stock_dimensions() %}
    {{ dimension if dimension in dimensions else "'_T'" }} as {{ dimension }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ ref('released_stock_delta') }}
    union all
    {% endfor %}
    select
        'protected_region' as cube,
        valid_day,
        indicator,
        change,
        '_T' as citizenship,
        '_T' as sex,
        '_T' as age_group,
        category,
        region,
        '_T' as district,
        '_T' as purpose
    from {{ ref('protected_stock_delta') }}
),

change as (
    select
        greatest(last_day(valid_day), (select min(period) from month_end)) as period,
        cube,
        {{ stock_dimensions() | join(', ') }},
        sum(if(indicator = 'present_confirmed', change, 0)) as confirmed,
        sum(if(indicator = 'presence_unknown', change, 0)) as unknown
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
        change.unknown
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
    sum(coalesce(confirmed, 0)) over running as confirmed,
    sum(coalesce(unknown, 0)) over running as unknown
from dense
window running as (partition by cube, {{ stock_dimensions() | join(', ') }} order by period)
