{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['person_id', 'valid_from'], meta={
    'scope': 'period', 'since': 'valid_from', 'publish': {'restricted': 'registry.placement_history'}
}) }}
-- depends_on: {{ ref('touched_period') }}

{{ placements(ref('touched_place')) }}
