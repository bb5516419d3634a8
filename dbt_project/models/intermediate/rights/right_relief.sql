select
    run.stay_id,
    run.ends_on + 1 as starts_on,
    rule.holds_until as ends_on,
    'extension' as ground,
    run.rule_id,
    cast(null as varchar) as counter
from ({{ joined_runs(ref('right_ground')) }}) as run
inner join {{ ref('right_stay') }} as stay on run.stay_id = stay.stay_id
inner join {{ ref('right_rule') }} as rule
    on
        stay.citizenship = rule.citizenship
        and stay.purpose = rule.purpose
        and stay.entry_post = rule.entry_post
        and run.ends_on >= rule.holds_from and run.ends_on < rule.holds_until
where rule.effect = 'extend'
