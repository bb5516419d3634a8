{{ config(materialized='view') }}

select *
from {{ ref('placement_history') }}
where known_to_seq is null
