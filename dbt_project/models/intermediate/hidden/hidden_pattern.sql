with seen as (
    select
        period,
        person_id,
        list_sort(list(list)) as lists
    from {{ ref('hidden_listing') }}
    group by period, person_id
),

described as (
    select
        seen.period,
        seen.lists,
        coalesce(person.sex, '_U') as sex,
        {{ counted_citizenship(released_citizenship('person.citizenship')) }} as citizenship
    from seen
    inner join {{ ref('person') }} as person on seen.person_id = person.person_id
)

select
    period,
    case
        when grouping(citizenship) = 0 then 'citizenship'
        when grouping(sex) = 0 then 'sex'
        else 'all'
    end as group_kind,
    coalesce(citizenship, sex, 'all') as group_value,
    lists,
    cast(count(*) as integer) as persons
from described
group by grouping sets ((period, lists), (period, lists, sex), (period, lists, citizenship))
