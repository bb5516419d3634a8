with stay as (
    select *
    from {{ ref('right_stay') }}
    where is_touched and is_entered
),

related as (
    select
        stay.stay_id,
        stay.begins_on,
        earlier.stay_id as spent_id,
        earlier.first_sign_on as spent_from,
        if(earlier.stay_id = stay.stay_id, date '9999-12-31', earlier.seen_until) as spent_until
    from stay
    inner join {{ ref('right_stay') }} as earlier
        on
            stay.person_id = earlier.person_id
            and earlier.first_sign_on <= stay.begins_on
            and earlier.seen_until >= stay.begins_on - (
                select cast(greatest(366, coalesce(max(rule.window_days), 0)) as integer)
                from {{ ref('right_rule') }} as rule
            )
),

-- A paper of an earlier stay covers no day of a later one: a visa may allow one entry.
covering as (
    select
        related.stay_id,
        paper.covers_from,
        least(paper.covers_until, related.spent_until) as covers_until
    from related
    inner join {{ ref('right_paper') }} as paper
        on related.spent_id = paper.stay_id and paper.covers_from <= related.spent_until
),

edge as (
    select
        stay_id,
        spent_from as day,
        1 as present,
        0 as covered,
        0 as suspended
    from related
    union all
    select
        stay_id,
        spent_until + 1 as day,
        -1 as present,
        0 as covered,
        0 as suspended
    from related
    where spent_until < date '9999-12-31'
    union all
    select
        stay_id,
        covers_from as day,
        0 as present,
        1 as covered,
        0 as suspended
    from covering
    union all
    select
        stay_id,
        covers_until + 1 as day,
        0 as present,
        -1 as covered,
        0 as suspended
    from covering
    where covers_until < date '9999-12-31'
    union all
    select
        stay.stay_id,
        unnest([rule.holds_from, rule.holds_until + 1]) as day,
        0 as present,
        0 as covered,
        unnest(if(rule.effect = 'suspend_clock', [1, -1], [0, 0])) as suspended
    from stay
    inner join {{ ref('right_rule') }} as rule
        on
            stay.citizenship = rule.citizenship
            and stay.purpose = rule.purpose
            and stay.entry_post = rule.entry_post
            and rule.effect in ('grant', 'suspend_clock')
    union all
    select
        stay_id,
        begins_on as day,
        0 as present,
        0 as covered,
        0 as suspended
    from stay
),

point as (
    select
        stay_id,
        day,
        sum(present) as present,
        sum(covered) as covered,
        sum(suspended) as suspended
    from edge
    where day <= date '9999-12-31'
    group by stay_id, day
),

span as (
    select
        stay_id,
        day as starts_on,
        coalesce(lead(day) over days - 1, date '9999-12-31') as ends_on,
        sum(present) over days > 0 as is_present,
        sum(covered) over days > 0 as is_covered,
        sum(suspended) over days > 0 as is_suspended
    from point
    window days as (partition by stay_id order by day)
)

select
    span.stay_id,
    span.starts_on,
    span.ends_on,
    span.starts_on >= stay.begins_on as is_own,
    span.is_covered,
    not span.is_covered and not span.is_suspended as is_counted
from span
inner join stay on span.stay_id = stay.stay_id
where span.is_present
