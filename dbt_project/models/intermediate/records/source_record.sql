{{ config(materialized='view') }}

select
    feed,
    record_id,
    observation_id,
    happened_on,
    load_seq
from {{ ref('source_record_history') }}
where known_to_seq is null
