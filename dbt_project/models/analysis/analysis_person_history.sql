{{ config(alias='person_history', meta={'publish': {'analysis': 'registry.person_history'}}) }}

with common as (
    select birth_country
    from {{ ref('person_history') }}
    where known_to_seq is null
    group by birth_country
    having count(*) >= 100
)

select
    key.person_key,
    fact.birth_band,
    fact.sex,
    {{ released_citizenship(by_day('fact', 'citizenship', 'asked.day')) }} as citizenship,
    {{ by_day('fact', 'nationality_status', 'asked.day') }} as nationality_status,
    case
        when coalesce(fact.birth_country, '_U') in ('_U', 'XXB', 'XXC') then '_U'
        when fact.birth_country in (select common.birth_country from common) then fact.birth_country
        else '_R'
    end as birth_country,
    category.category,
    fact.first_seen_on,
    fact.last_seen_on,
    fact.source_count,
    greatest(fact.known_from_seq, category.known_from_seq) as known_from_seq,
    least(fact.known_to_seq, category.known_to_seq) as known_to_seq
from {{ ref('released_person_history') }} as fact
cross join (select {{ last_covered_day() }} as day) as asked
inner join {{ ref('released_category_history') }} as category
    on {{ category_on('category', 'fact', 'asked.day') }}
inner join {{ source('meta', 'person_key') }} as key on fact.person_id = key.person_id
