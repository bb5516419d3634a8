with sign as (
    select
        stay.*,
        unnest(stay.signs_on) as sign_on
    from {{ ref('stay_history') }} as stay
    where stay.known_to_seq is null
),

followed as (
    select
        *,
        lead(sign_on) over (partition by stay_id order by sign_on) as next_on
    from sign
)

select
    {{ presence_class('followed', 'followed.sign_on') }} as presence_class,
    case
        when next_on = left_on or (next_on is null and moved_away_on is not null) then 'exit'
        when next_on is not null or died_on is not null then 'sign'
        when ended_unknown_on is not null then 'returned'
        else 'open'
    end as ending,
    coalesce(next_on, ended_on, {{ last_covered_day() }}) - sign_on as days
from followed
where next_on is not null or left_on is null
