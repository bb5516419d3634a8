{#- What stays and places do not tell is of a person as a whole: what changes there is computed for all days. -#}
with described as (
    select
        person_id,
        birth_country
    from {{ ref('person_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select
        person_id,
        birth_country
    from {{ ref('person_history') }}
    where known_to_seq = {{ var('load_seq') }}
),

otherwise as (
    select person_id
    from described
    group by person_id
    having count(*) <> 2 or count(distinct coalesce(birth_country, '')) <> 1
    union
    select person_id
    from {{ ref('person_category_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union
    select person_id
    from {{ ref('person_category_history') }}
    where known_to_seq = {{ var('load_seq') }}
)

select
    touched.person_id,
    if(otherwise.person_id is null, touched.computed_from, date '-infinity') as computed_from
from {{ ref('touched_period') }} as touched
left join otherwise on touched.person_id = otherwise.person_id
