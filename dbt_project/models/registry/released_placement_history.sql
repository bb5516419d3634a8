{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'valid_from'],
    meta={'scope': 'period', 'since': 'valid_from'}
) }}
-- depends_on: {{ ref('touched_period') }}

with released as (
    select * replace ({{ released_basis_feed('basis_feed') }} as basis_feed)
    from {{ ref('touched_place') }}
    where basis_feed <> 'enforcement_cases'
)

select * from ({{ placements('released') }}) as placement
