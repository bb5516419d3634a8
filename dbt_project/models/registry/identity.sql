{{ config(materialized='view') }}

select *
from {{ ref('identity_history') }}
where known_to_seq is null
