{{ config(materialized='view') }}

select *
from {{ ref('person_category_history') }}
where known_to_seq is null
