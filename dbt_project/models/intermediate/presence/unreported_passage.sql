{#- What is reported more than a fortnight late is no delay but a history that came later. -#}
{%- set horizon = 15 %}

with delay as (
    select
        made_on - 1 - happened_on as days,
        sum(records - citizens) as records
    from {{ ref('counted_arrival') }}
    where
        feed = 'border_crossings' and made_on - 1 - happened_on between 0 and {{ horizon - 1 }}
        and happened_on between {{ last_covered_day() }} - 380 and {{ last_covered_day() }} - {{ horizon }}
    group by days
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
