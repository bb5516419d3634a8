{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.citizen_records', 'analysis': 'statistics.citizen_records'
}}) }}

with passage as (
    select
        valid_day,
        post_code,
        sum(change) as records
    from {{ ref('flow_delta') }}
    where indicator = 'citizen_crossings'
    group by all
),

told as (
    select
        happened_on as period,
        feed,
        case region_digits
            when '_T' then '_T'
            when '00' then '000000000'
            else {{ place_on('region', 'record.region_digits', 'record.happened_on') }}
        end as region,
        '_T' as post_code,
        1 as records
    from {{ ref('citizen_record') }} as record
    union all
    select
        passage.valid_day as period,
        'border_crossings' as feed,
        {{ place_on('region', 'post.kato', 'passage.valid_day') }} as region,
        coalesce(passage.post_code, '_U') as post_code,
        passage.records
    from passage
    left join {{ ref('control_post') }} as post on passage.post_code = post.post_code
)

select
    period,
    feed,
    region,
    post_code,
    'citizen_records' as indicator,
    cast(sum(records) as double) as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from told
group by all
having sum(records) > 0
