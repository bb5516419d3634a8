{{ config(materialized='view') }}

select *
from {{ ref('person_told_history') }}
where known_to_seq is null
