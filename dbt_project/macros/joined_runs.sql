{% macro joined_runs(intervals) -%}
{#- One row per stay and run of days without a gap: the interval that ends last says on what ground the run ends. -#}
select
    stay_id,
    min(starts_on) as starts_on,
    max(ends_on) as ends_on,
    arg_max(ground, (ends_on, ground, coalesce(rule_id, ''))) as ground,
    arg_max(coalesce(rule_id, ''), (ends_on, ground, coalesce(rule_id, ''))) as rule_id,
    arg_max(coalesce(counter, ''), (ends_on, ground, coalesce(rule_id, ''))) as counter
from (
    select
        *,
        sum(cast(is_first as integer)) over (partition by stay_id order by starts_on, ends_on, ground, rule_id) as number
    from (
        select
            *,
            coalesce(starts_on > max(ends_on) over (
                partition by stay_id order by starts_on, ends_on, ground, rule_id
                rows between unbounded preceding and 1 preceding
            ) + 1, true) as is_first
        from {{ intervals }}
    ) as marked
) as numbered
group by stay_id, number
{%- endmacro %}
