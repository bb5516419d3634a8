select
    case_id,
    coalesce(
        min(occurred_on), min(event_on) filter (where event = 'violation'), min(event_on)
    ) as occurred_on,
    coalesce(min(cast(detected_at as date)), min(event_on) filter (where event = 'violation')) as detected_on,
    min(event_on) filter (where event in ('warning', 'fine', 'arrest', 'expulsion_ordered')) as decided_on,
    min(event_on) filter (where event = 'expulsion_ordered') as ordered_on,
    min(event_on) filter (where event in ('expulsion_executed', 'left_voluntarily')) as executed_on,
    bool_or(event = 'warning') as has_warning,
    bool_or(event = 'fine') as has_fine,
    bool_or(event = 'arrest') as has_arrest,
    bool_or(event in ('annulled', 'acquitted')) as is_dropped,
    left(arg_min(kato, event_at) filter (where kato is not null), 2) as region_digits
from {{ ref('case_history') }}
where feed = 'enforcement_cases' and known_to_seq is null
group by case_id
