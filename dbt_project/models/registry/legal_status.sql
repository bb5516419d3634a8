{{ config(materialized='view') }}

select *
from {{ ref('legal_status_told_history') }}
where known_to_seq is null
