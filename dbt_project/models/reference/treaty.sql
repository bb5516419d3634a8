{{ config(meta={'publish': {'aggregates': 'reference.treaty', 'analysis': 'reference.treaty'}}) }}

select
    treaty_id,
    partner,
    subject,
    signed_on,
    in_force_from,
    in_force_until
from {{ ref('stg_treaties') }}
