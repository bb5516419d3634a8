{{ config(materialized='view') }}

select *
from {{ ref('validity_only_history') }}
where known_to_seq is null
