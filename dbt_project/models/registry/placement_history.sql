{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'person', 'publish': {'restricted': 'registry.placement_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

{{ placements(ref('touched_place_claim')) }}
