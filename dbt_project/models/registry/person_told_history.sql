{{ config(materialized='view', meta={'publish': {'restricted': 'registry.person_history'}}) }}

select
    person.* exclude (acted_on, former_citizenship, former_nationality_status, known_from_seq, known_to_seq) replace (
        {{ by_day('person', 'citizenship', 'asked.day') }} as citizenship,
        {{ by_day('person', 'nationality_status', 'asked.day') }} as nationality_status
    ),
    category.category,
    greatest(person.known_from_seq, category.known_from_seq) as known_from_seq,
    least(person.known_to_seq, category.known_to_seq) as known_to_seq
from {{ ref('person_history') }} as person
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('person_category_history') }} as category
    on {{ category_on('category', 'person', 'asked.day') }}
