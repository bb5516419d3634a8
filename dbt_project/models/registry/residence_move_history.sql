{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['basis_record_id'], meta={
    'scope': 'person', 'publish': {'restricted': 'registry.residence_move_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

select
    touched.person_id,
    move.record_id as basis_record_id,
    move.direction,
    move.moved_on,
    move.from_country,
    move.from_kato,
    if(move.from_kato is null, null, {{ place_on('region', 'move.from_kato', 'move.moved_on') }}) as from_region,
    if(move.from_kato is null, null, {{ place_on('district', 'move.from_kato', 'move.moved_on') }}) as from_district,
    move.from_settlement,
    move.to_country,
    move.to_kato,
    if(move.to_kato is null, null, {{ place_on('region', 'move.to_kato', 'move.moved_on') }}) as to_region,
    if(move.to_kato is null, null, {{ place_on('district', 'move.to_kato', 'move.moved_on') }}) as to_district,
    move.to_settlement,
    move.cause,
    move.education_isced,
    move.occupation_isco,
    move.sector_nace,
    move.intended_months,
    {{ opened_now() }}
from {{ ref('move_event') }} as move
inner join {{ ref('touched_observation') }} as touched on move.observation_id = touched.observation_id
