{{ config(materialized='view') }}

select *
from {{ ref('source_link_history') }}
where known_to_seq is null
