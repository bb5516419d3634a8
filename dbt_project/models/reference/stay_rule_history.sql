{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['rule_id'],
    meta={'scope': 'all', 'publish': {
    'aggregates': 'reference.stay_rule_history', 'analysis': 'reference.stay_rule_history'
}}) }}

select
    rule.rule_id,
    rule.citizenship,
    rule.purpose,
    rule.days_per_entry,
    rule.days_in_window,
    rule.window_days,
    rule.days_in_year,
    rule.needs_visa,
    rule.needs_notification,
    rule.work_allowed,
    rule.effect,
    rule.applies_to_posts,
    rule.act,
    rule.clause,
    rule.source,
    rule.verified,
    rule.valid_from,
    rule.valid_until,
    greatest(rule.valid_from, treaty.in_force_from) as holds_from,
    least(rule.valid_until, treaty.in_force_until) as holds_until,
    {{ opened_now() }}
from {{ ref('stg_stay_rules') }} as rule
left join {{ ref('stg_treaties') }} as treaty on rule.act = treaty.treaty_id
