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

{% macro final_or_provisional(period) -%}
{#- Status of a figure: provisional until seventeen months after its period, and final then. -#}
if({{ last_covered_day() }} >= cast({{ period }} + interval 17 month as date), 'A', 'P')
{%- endmacro %}

{% macro known_now() -%}
{#- The load whose knowledge the views show. -#}
(select max(load.load_seq) from {{ source('meta', 'load') }} as load)
{%- endmacro %}
