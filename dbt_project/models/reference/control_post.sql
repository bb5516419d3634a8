{{ config(meta={'publish': {'aggregates': 'reference.control_post', 'analysis': 'reference.control_post'}}) }}

select
    post_code,
    name_kk,
    name_ru,
    name_en,
    kind,
    neighbour,
    kato,
    {{ place_code('region', 'post.kato', 2) }} as region,
    lat,
    lon,
    lanes,
    opened_on,
    closed_on
from ({{ registered_records('control_posts') }}) as post
