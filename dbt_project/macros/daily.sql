{% macro covered_days() -%}
{#- One row per day from the first to the last day that an accepted delivery reports. -#}
select cast(unnest(range(min(business_date), max(business_date) + 1, interval 1 day)) as date) as period
from {{ source('quality', 'delivery') }}
where state = 'accepted'
{%- endmacro %}

{% macro known_now() -%}
{#- The load whose knowledge the views show. -#}
(select max(load.load_seq) from {{ source('meta', 'load') }} as load)
{%- endmacro %}
