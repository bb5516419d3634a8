with reported as (
    select
        passage.record_id,
        min(passage.happened_on) as happened_on,
        min(greatest(passage.business_date, cast(delivery.created_at as date) - 1)) as reported_on
    from {{ source('raw', 'border_crossings') }} as passage
    inner join {{ source('quality', 'delivery') }} as delivery on passage.delivery_id = delivery.delivery_id
    where passage.direction = 'exit' and not passage.is_citizen_stripped and delivery.state = 'accepted'
    group by passage.record_id
)

select
    record_id,
    reported_on - happened_on as days
from reported
where reported_on >= happened_on
