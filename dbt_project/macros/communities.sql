{% macro community_figures(relation, published) -%}
{#- One row per month, community, basis and indicator. As published, a month with fewer persons or hosts than `may_be_shown`
    asks for is withheld and by ethnicity counts are rounded to ten and other figures to two decimals. -#}
with shown as (
    select
        *,
        {% if published -%}
        not {{ may_be_shown('basis', 'size', 'hosts') }} as is_withheld,
        if(basis = 'ethnicity', 10, 1) as unit,
        if(basis = 'ethnicity', 2, 4) as digits
        {%- else -%}
        false as is_withheld,
        1 as unit,
        4 as digits
        {%- endif %}
    from {{ relation }}
    {% if published -%}
    where is_public
    {%- endif %}
)

select
    shown.period,
    shown.community_id,
    shown.basis,
    shown.basis_value,
    shown.region,
    shown.district,
    shown.formed_on,
    shown.dissolved_on,
    shown.stood_before,
    indicator.indicator,
    if(
        shown.is_withheld, null, case indicator.indicator
            when 'size' then round(shown.size / shown.unit) * shown.unit
            when 'hosts' then round(shown.hosts / shown.unit) * shown.unit
            when 'newcomers' then round(shown.newcomers / shown.unit) * shown.unit
            when 'settled' then round(shown.settled / shown.unit) * shown.unit
            when 'share' then round(shown.share, digits)
            when 'location_quotient' then round(shown.location_quotient, digits)
            when 'growth' then round(shown.growth, digits)
        end
    ) as value,
    if(
        indicator.indicator = 'location_quotient' and not shown.is_withheld, round(shown.location_quotient_lower, digits), null
    ) as lower,
    if(
        indicator.indicator = 'location_quotient' and not shown.is_withheld, round(shown.location_quotient_upper, digits), null
    ) as upper,
    case
        when shown.is_withheld then 'Q'
        when indicator.indicator = 'location_quotient' then 'E'
        else {{ final_or_provisional('shown.period') }}
    end as obs_status,
    shown.known_from_seq as known_seq,
    shown.known_from_seq,
    shown.known_to_seq
from shown
cross join (
    values ('size'), ('hosts'), ('share'), ('location_quotient'), ('growth'), ('newcomers'), ('settled')
) as indicator (indicator)
where indicator.indicator <> 'growth' or shown.growth is not null
{%- endmacro %}

{% macro may_be_shown(basis, persons, hosts) -%}
{#- Whether analysts see a community of so many persons and hosts outside the restricted file; the public release asks for
    more (`pipelines/release/designs.yml`). -#}
coalesce({{ persons }} >= if({{ basis }} = 'ethnicity', 100, 50) and {{ hosts }} >= 5, false)
{%- endmacro %}
