{{ config(materialized='view') }}

select *
from {{ ref('person_history') }}
where known_to_seq is null
