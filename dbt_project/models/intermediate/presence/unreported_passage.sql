{#- What is reported more than a fortnight late is no delay but a history that came later. -#}
{%- set horizon = 15 %}

with own as (
    {{ own_deliveries() }}
),

delay as (
    select
        greatest(arrival.made_on - own.made_on, 0) as days,
        sum(arrival.records - arrival.citizens) as records
    from {{ ref('counted_arrival') }} as arrival
    inner join own on arrival.happened_on = own.business_date
    where
        arrival.feed = 'border_crossings' and arrival.made_on - own.made_on < {{ horizon }}
        and arrival.happened_on between {{ last_covered_day() }} - 380 and {{ last_covered_day() }} - {{ horizon }}
    group by all
),

late as (
    select
        age.days,
        sum(delay.records) filter (where delay.days > age.days)
        / nullif(sum(delay.records) filter (where delay.days <= age.days), 0) as to_a_reported
    from (select cast(unnest(range({{ horizon }})) as integer) as days) as age
    cross join delay
    group by age.days
)

select
    passage.direction,
    late.days,
    coalesce(late.to_a_reported, 0) as to_come,
    sum(passage.change) * coalesce(late.to_a_reported, 0) as expected
from late
inner join {{ ref('flow_delta') }} as passage on passage.valid_day = {{ last_covered_day() }} - late.days
where passage.indicator = 'crossings' and passage.direction in ('entry', 'exit')
group by passage.direction, late.days, late.to_a_reported
