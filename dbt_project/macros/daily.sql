{% macro reporting_deliveries() -%}
{#- The accepted deliveries that report days of the country. A steward's verdict reports none, whenever it is given. -#}
(
    select told.*
    from {{ source('quality', 'delivery') }} as told
    where told.state = 'accepted' and told.feed is distinct from 'steward_decisions'
)
{%- endmacro %}

{% macro covered_days() -%}
{#- One row per day from the first to the last day that an accepted delivery reports. -#}
select cast(unnest(range(min(business_date), max(business_date) + 1, interval 1 day)) as date) as period
from {{ reporting_deliveries() }} as delivery
{%- endmacro %}

{% macro known_now() -%}
{#- The load whose knowledge the views show. -#}
(select max(load.load_seq) from {{ source('meta', 'load') }} as load)
{%- endmacro %}
