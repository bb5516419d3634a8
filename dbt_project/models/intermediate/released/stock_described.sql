{{ config(materialized='view') }}
{#- A view, since a publication alone asks for it: once for `stock`, and once more where a month is released. The other
    readers of `stock` take a cube that is added up. -#}
{%- set dimensions = stock_dimensions() + described_dimensions() %}

with person as materialized (
    select * from {{ ref('reference_member') }}
)

{% for cube, broken_down in (described_cubes().items() | list) + (population_cubes().items() | list) %}
select
    '{{ cube }}' as cube,
    period,
    'present' as population,
    {{ cube_columns(broken_down, dimensions) }},
    count(*) filter (where is_confirmed) as confirmed,
    count(*) filter (where not is_confirmed and not is_unseen) as unknown,
    sum(cast(not is_unseen as integer) - probability) as less,
    sum(cast(not is_unseen as integer) - lower) as less_lower,
    sum(cast(not is_unseen as integer) - upper) as less_upper,
    sum(variance) as scatter
from person
where is_present
group by all
union all
{% endfor %}
{%- for cube, broken_down in population_cubes().items() %}
{%- set ends_query = loop.last %}
{%- for population, chances in populations().items() if population != 'registered' or 'region' not in broken_down %}
select
    '{{ cube }}' as cube,
    period,
    '{{ population }}' as population,
    {{ cube_columns(broken_down, dimensions) }},
    0 as confirmed,
    0 as unknown,
    -sum({{ chances[0] }}) as less,
    -sum({{ chances[1] }}) as less_lower,
    -sum({{ chances[2] }}) as less_upper,
    sum({{ chances[0] }} * (1 - {{ chances[0] }})) as scatter
from person
where {{ chances[2] }} > 0
group by all
{% if not (ends_query and loop.last) %}union all{% endif %}
{%- endfor %}
{%- endfor %}
