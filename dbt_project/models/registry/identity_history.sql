{{ config(materialized='view', meta={'publish': {'restricted': 'registry.identity_history'}}) }}

select
    source.person_id,
    source.observation_id,
    source.feed,
    {% for column in identity_columns() %}
    observation.{{ column }},
    {% endfor %}
    observation.iin_verified as is_iin_verified,
    source.known_from_seq,
    source.known_to_seq
from {{ ref('identity_source_history') }} as source
inner join {{ ref('observation') }} as observation on source.observation_id = observation.observation_id
