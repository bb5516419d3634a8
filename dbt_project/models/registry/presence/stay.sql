{{ config(materialized='view') }}

select *
from {{ ref('stay_presence_history') }}
where known_to_seq is null
