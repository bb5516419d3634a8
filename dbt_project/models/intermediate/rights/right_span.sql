{#- What a stay used up before is, for most, whole earlier stays: away from every other stay, without a paper and within
    no suspension. These are told as they are. All else is cut where anything begins or ends. -#}
with placed as (
    select
        *,
        coalesce(max(seen_until) over (days rows between unbounded preceding and 1 preceding) < first_sign_on, true)
        and seen_until < lead(first_sign_on) over days
        and stay_id not in (select paper.stay_id from {{ ref('right_paper') }} as paper) as is_apart
    from {{ ref('right_stay') }}
    window days as (partition by person_id order by first_sign_on, stay_id)
),

suspension as (
    select
        citizenship,
        purpose,
        entry_post,
        max(holds_until) as suspended_until
    from {{ ref('right_rule') }}
    where effect = 'suspend_clock'
    group by all
),

stay as (
    select
        stay.*,
        coalesce(suspension.suspended_until, date '-infinity') as suspended_until
    from {{ ref('right_stay') }} as stay
    left join suspension
        on
            stay.citizenship = suspension.citizenship
            and stay.purpose = suspension.purpose
            and stay.entry_post = suspension.entry_post
    where stay.is_touched and stay.is_entered
),

related as (
    select
        stay.stay_id,
        stay.begins_on,
        earlier.stay_id as spent_id,
        earlier.first_sign_on as spent_from,
        if(earlier.stay_id = stay.stay_id, date '9999-12-31', earlier.seen_until) as spent_until,
        coalesce(
            earlier.is_apart and earlier.first_sign_on > stay.suspended_until
            and earlier.seen_until < stay.first_sign_on,
            false
        ) as is_whole
    from stay
    inner join placed as earlier
        on
            stay.person_id = earlier.person_id
            and earlier.first_sign_on <= stay.begins_on
            and earlier.seen_until >= stay.begins_on - (
                select cast(greatest(366, coalesce(max(rule.window_days), 0)) as integer)
                from {{ ref('right_rule') }} as rule
            )
),

parted as (
    select *
    from related
    where not is_whole
),

-- A paper of an earlier stay covers no day of a later one: a visa may allow one entry.
covering as (
    select
        parted.stay_id,
        paper.covers_from,
        least(paper.covers_until, parted.spent_until) as covers_until
    from parted
    inner join {{ ref('right_paper') }} as paper
        on parted.spent_id = paper.stay_id and paper.covers_from <= parted.spent_until
),

edge as (
    select
        stay_id,
        spent_from as day,
        1 as present,
        0 as covered,
        0 as suspended
    from parted
    union all
    select
        stay_id,
        spent_until + 1 as day,
        -1 as present,
        0 as covered,
        0 as suspended
    from parted
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
union all
select
    stay_id,
    spent_from as starts_on,
    spent_until as ends_on,
    false as is_own,
    false as is_covered,
    true as is_counted
from related
where is_whole
