{{ config(materialized='view') }}

select
    record_id,
    observation_id,
    event_at,
    event_on,
    post_code,
    direction,
    purpose,
    citizenship,
    destination_kato,
    flight
from {{ ref('crossing_event_history') }}
where known_to_seq is null and observation_id is not null
