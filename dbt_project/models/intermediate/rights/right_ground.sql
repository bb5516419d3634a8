select
    stay_id,
    starts_on,
    ends_on,
    'rule' as ground,
    rule_id,
    counter
from {{ ref('right_grant') }}
where ends_on >= starts_on
union all
select
    paper.stay_id,
    paper.covers_from as starts_on,
    paper.covers_until as ends_on,
    paper.status as ground,
    null as rule_id,
    null as counter
from {{ ref('right_paper') }} as paper
inner join {{ ref('right_stay') }} as stay on paper.stay_id = stay.stay_id
where stay.is_touched and stay.is_entered
