{{ config(materialized='view') }}

with resident as materialized (
    {{ residents() }}
),

holder as materialized (
    {{ paper_holders() }}
),

present as materialized (
    select * from {{ ref('reference_person') }}
),

dead as (
    select
        person_id,
        min(died_on) as died_on
    from {{ ref('stay_history') }}
    where known_to_seq is null and died_on is not null
    group by person_id
),

away as (
    select
        coalesce(resident.period, holder.period) as period,
        coalesce(resident.person_id, holder.person_id) as person_id,
        resident.citizenship,
        resident.region,
        coalesce(resident.probability, 0) as for_good,
        coalesce(resident.lower, 0) as least_for_good,
        coalesce(resident.upper, 0) as most_for_good,
        cast(holder.person_id is not null as integer) as registered
    from resident
    full join holder on resident.period = holder.period and resident.person_id = holder.person_id
    anti join present
        on
            coalesce(resident.period, holder.period) = present.period
            and coalesce(resident.person_id, holder.person_id) = present.person_id
)

select
    present.* exclude (probability_3, lower_3, upper_3, probability_12, lower_12, upper_12),
    true as is_present,
    cast(if(present.is_unseen, present.probability, 1) as decimal(5, 4)) as chance,
    cast(if(present.is_unseen, present.lower, 1) as decimal(5, 4)) as least_chance,
    cast(if(present.is_unseen, present.upper, 1) as decimal(5, 4)) as most_chance,
    cast(coalesce(resident.probability, chance * present.probability_12) as decimal(9, 8)) as for_good,
    cast(coalesce(resident.lower, least_chance * present.lower_12) as decimal(9, 8)) as least_for_good,
    cast(coalesce(resident.upper, most_chance * present.upper_12) as decimal(9, 8)) as most_for_good,
    greatest(cast(chance * present.probability_3 as decimal(9, 8)) - for_good, 0) as for_months,
    greatest(cast(least_chance * present.lower_3 as decimal(9, 8)) - least_for_good, 0) as one_bound,
    greatest(cast(most_chance * present.upper_3 as decimal(9, 8)) - most_for_good, 0) as other_bound,
    cast(holder.person_id is not null as integer) as registered
from present
left join resident on present.period = resident.period and present.person_id = resident.person_id
left join holder on present.period = holder.period and present.person_id = holder.person_id
union all by name
select
    away.period,
    away.person_id,
    {{ counted_citizenship(released_citizenship('coalesce(away.citizenship, known.citizenship)')) }} as citizenship,
    coalesce(place.region, away.region, '_U') as region,
    false as is_present,
    away.for_good,
    away.least_for_good,
    away.most_for_good,
    0 as for_months,
    0 as one_bound,
    0 as other_bound,
    away.registered
from away
inner join {{ ref('person_history') }} as known on away.person_id = known.person_id and known.known_to_seq is null
left join dead on away.person_id = dead.person_id
left join {{ ref('released_placement_history') }} as place
    on
        away.person_id = place.person_id and place.known_to_seq is null and place.valid_from <= away.period
        and coalesce(place.valid_to, date '9999-12-31') > away.period
left join {{ ref('person_category_history') }} as category
    on
        away.person_id = category.person_id and category.known_to_seq is null and category.valid_from <= away.period
        and coalesce(category.valid_to, date '9999-12-31') > away.period
where
    coalesce(category.category, 'foreigner') not in ('citizen_mover', 'emigrant')
    and coalesce(dead.died_on > away.period, true) and away.most_for_good + away.registered > 0
