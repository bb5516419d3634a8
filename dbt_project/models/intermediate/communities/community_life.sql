{{ config(materialized='view') }}

select
    series.community_id,
    series.names_it,
    episode.*,
    episode.formed_on = (select min(covered.period) from ({{ month_ends() }}) as covered) as stood_before,
    coalesce(
        (
            select bool_or({{ may_be_shown('cell.basis', 'cell.persons', 'cell.hosts') }})
            from {{ ref('community_cell') }} as cell
            where
                cell.region = episode.region and cell.district = episode.district
                and cell.basis = episode.basis and cell.basis_value = episode.basis_value
                and cell.period >= episode.formed_on and coalesce(cell.period < episode.dissolved_on, true)
        ), false
    ) as is_public
from {{ ref('community_episode') }} as episode
inner join {{ ref('community_series') }} as series using (region, district, basis, basis_value)
