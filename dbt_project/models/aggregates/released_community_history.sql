{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.community_history', 'analysis': 'statistics.community_history'
}}) }}

{{ community_figures(ref('community_month_history'), published=true) }}
