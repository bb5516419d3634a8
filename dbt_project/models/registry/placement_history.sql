{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'period', 'since': 'valid_from', 'publish': {'restricted': 'registry.placement_history'}
}) }}

{{ placements(ref('touched_place_claim')) }}
