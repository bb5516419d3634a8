{{ config(materialized='view', meta={'publish': {'restricted': 'registry.stay_history'}}) }}

select
    stay.* exclude (known_from_seq, known_to_seq),
    {{ presence('stay.ended_on', 'stay.last_sign_on', last_covered_day()) }} as presence,
    stay.known_from_seq,
    stay.known_to_seq
from {{ ref('stay_history') }} as stay
