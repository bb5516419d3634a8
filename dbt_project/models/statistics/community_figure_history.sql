{{ config(materialized='view', meta={'publish': {'restricted': 'statistics.community_history'}}) }}

{{ community_figures(ref('community_month_history'), published=false) }}
