-- Days count from the delivery of the day itself, where there was one.
with own as (
    {{ own_deliveries() }}
),

reported as (
    select
        passage.record_id,
        min(coalesce(own.made_on - 1, passage.happened_on)) as told_on,
        min(greatest(passage.business_date, cast(delivery.created_at as date) - 1)) as reported_on
    from {{ source('raw', 'border_crossings') }} as passage
    left join own on passage.happened_on = own.business_date
    inner join {{ source('quality', 'delivery') }} as delivery on passage.delivery_id = delivery.delivery_id
    where passage.direction = 'exit' and not passage.is_citizen_stripped and delivery.state = 'accepted'
    group by passage.record_id
)

select
    record_id,
    reported_on - told_on as days
from reported
where reported_on >= told_on
