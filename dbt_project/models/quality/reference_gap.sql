{{ config(materialized='incremental', incremental_strategy='signed_deltas', meta={
    'publish': {'restricted': 'quality.reference_gap'}
}) }}

with crossed as (
    select distinct person_id
    from {{ ref('touched_source') }}
    where feed = 'border_crossings'
)

select
    link.feed,
    count(distinct link.person_id) as persons,
    count(*) as records,
    cast({{ var('load_seq') }} as integer) as known_seq
from {{ ref('source_link_history') }} as link
anti join crossed on link.person_id = crossed.person_id
where link.known_from_seq = {{ var('load_seq') }} and link.person_id is not null and link.feed <> 'border_crossings'
group by link.feed
