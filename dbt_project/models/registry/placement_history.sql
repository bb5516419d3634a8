{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={
    'scope': 'period', 'since': 'valid_from', 'publish': {'restricted': 'registry.placement_history'}
}) }}
-- depends_on: {{ ref('touched_period') }}

{{ placements(ref('touched_place')) }}
