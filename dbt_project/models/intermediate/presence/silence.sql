with paper as (
    {{ paper_of_class(ref('stay_history'), ref('permit_event')) }}
),

sign as (
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
),

held as (
    select
        sign.stay_id,
        sign.sign_on,
        max(paper.paper) as paper
    from sign
    inner join paper
        on
            sign.person_id = paper.person_id and sign.sign_on >= paper.valid_from
            and coalesce(sign.sign_on < paper.valid_to, true)
    group by sign.stay_id, sign.sign_on
)

select
    {{ class_of_stay(
        'followed', 'held.paper', 'if(followed.is_born_here, null, followed.entered_on)', 'followed.sign_on'
    ) }} as presence_class,
    {{ class_of_stay(
        'followed', 'held.paper', 'if(followed.is_born_here, null, followed.entered_on)', 'followed.sign_on', is_plain=true
    ) }} as plain_class,
    case
        when next_on = left_on or (next_on is null and coalesce(left_on, moved_away_on) is not null) then 'exit'
        when next_on is not null or died_on is not null then 'sign'
        when ended_unknown_on is not null then 'returned'
        else 'open'
    end as ending,
    coalesce(next_on, ended_on, {{ last_covered_day() }}) - followed.sign_on as days
from followed
left join held on followed.stay_id = held.stay_id and followed.sign_on = held.sign_on
-- Who entered and left on one day was silent for no day, and had the exit been lost, would be so still.
where next_on is not null or left_on is null or left_on = entered_on
