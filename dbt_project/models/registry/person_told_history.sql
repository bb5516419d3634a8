{{ config(materialized='view', meta={'publish': {'restricted': 'registry.person_history'}}) }}

select
    person.* exclude (known_from_seq, known_to_seq),
    category.category,
    greatest(person.known_from_seq, category.known_from_seq) as known_from_seq,
    least(person.known_to_seq, category.known_to_seq) as known_to_seq
from {{ ref('person_history') }} as person
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('person_category_history') }} as category
    on {{ category_on('category', 'person', 'asked.day') }}
