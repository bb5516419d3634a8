{{ config(materialized='view', meta={'publish': {'restricted': 'registry.announced_passage_history'}}) }}

select
    passage.person_id,
    passage.direction,
    passage.post_code,
    passage.flight,
    {{ carrier_of('passage.flight') }} as carrier,
    passage.flight_on,
    passage.record_id,
    passage.crossing_record_id,
    passage.crossed_on,
    passage.known_from_seq,
    passage.known_to_seq
from {{ ref('listed_passage_history') }} as passage
inner join {{ ref('control_post') }} as post on passage.post_code = post.post_code
