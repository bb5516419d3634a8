with arrival as (
    select
        feed,
        delivery_id,
        business_date,
        happened_on,
        region_digits,
        post_code,
        sum(records) as records,
        sum(citizens) as citizens
    from {{ ref('arrival_delta') }}
    group by all
    having sum(records) <> 0
)

select
    arrival.feed,
    arrival.business_date,
    arrival.happened_on,
    cast(coalesce(delivery.created_at, cast(delivery.business_date as timestamptz)) as date) as made_on,
    case
        when arrival.post_code <> '_T'
            then {{ place_on('region', 'post.kato', 'coalesce(arrival.happened_on, arrival.business_date)') }}
        when arrival.region_digits = '_T' then '_T'
        when arrival.region_digits = '00' then '000000000'
        else
            {{ place_on('region', 'arrival.region_digits', 'coalesce(arrival.happened_on, arrival.business_date)') }}
    end as region,
    arrival.post_code,
    arrival.records,
    arrival.citizens
from arrival
inner join {{ source('quality', 'delivery') }} as delivery
    on arrival.delivery_id = delivery.delivery_id and delivery.state = 'accepted'
left join {{ ref('control_post') }} as post on arrival.post_code = post.post_code
