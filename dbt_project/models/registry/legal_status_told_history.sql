{{ config(materialized='view', meta={'publish': {'restricted': 'registry.legal_status_history'}}) }}

select
    person_id,
    status,
    basis_feed,
    basis_record_id,
    valid_from,
    valid_to,
    known_from_seq,
    known_to_seq
from {{ ref('legal_status_history') }}
union all
select
    person_id,
    'visa_free' as status,
    'border_crossings' as basis_feed,
    null as basis_record_id,
    valid_from,
    valid_to,
    known_from_seq,
    known_to_seq
from {{ ref('visa_free_history') }}
