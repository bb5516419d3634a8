{{ config(meta={'publish': {'aggregates': 'reference.zone', 'analysis': 'reference.zone'}}) }}

select
    zone_id,
    kind,
    name_kk,
    name_ru,
    name_en,
    kato,
    {{ place_code('region', 'told.kato', 2) }} as region,
    valid_from,
    valid_until,
    act
from {{ ref('stg_zones') }} as told
