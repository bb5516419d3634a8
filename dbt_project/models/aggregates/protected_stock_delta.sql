select
    valid_day,
    category,
    region,
    indicator,
    {{ silence_columns() | join(',\n    ') }},
    cast(sum(change) as bigint) as change,
    known_seq
from {{ ref('stock_delta') }}
where category in ('stateless', 'refugee', 'asylum_seeker')
group by all
having sum(change) <> 0
