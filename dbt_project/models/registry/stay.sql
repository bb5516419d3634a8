{{ config(materialized='view') }}

select *
from {{ ref('stay_history') }}
where known_to_seq is null
