{{ config(meta={'publish': {'aggregates': 'reference.stay_rule', 'analysis': 'reference.stay_rule'}}) }}

select
    rule_id,
    citizenship,
    purpose,
    days_per_entry,
    days_in_window,
    window_days,
    days_in_year,
    needs_visa,
    needs_notification,
    work_allowed,
    effect,
    applies_to_posts,
    act,
    clause,
    source,
    verified,
    valid_from,
    valid_until
from {{ ref('stg_stay_rules') }}
