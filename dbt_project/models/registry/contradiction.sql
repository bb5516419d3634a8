{{ config(materialized='view') }}

select *
from {{ ref('contradiction_history') }}
where known_to_seq is null
