with profile as (
    select distinct
        citizenship,
        purpose,
        entry_post
    from {{ ref('right_stay') }}
    where is_touched and is_entered and entry_post <> '_B'
),

matching as (
    select
        profile.*,
        rule.rule_id,
        coalesce(rule.effect, 'grant') as effect,
        rule.days_per_entry,
        rule.days_in_window,
        rule.window_days,
        rule.days_in_year,
        coalesce(rule.needs_visa, false) as needs_visa,
        case
            when list_contains(rule.citizenship, '*') then 3
            when len(rule.citizenship) > 1 then 2
            else 1
        end as citizenship_rank,
        if(rule.purpose is null, 2, 1) as purpose_rank,
        coalesce(rule.holds_from, date '-infinity') as holds_from,
        coalesce(rule.holds_until, date '9999-12-31') as holds_until
    from profile
    inner join {{ ref('stay_rule_history') }} as rule
        on
            (list_contains(rule.citizenship, '*') or list_contains(rule.citizenship, profile.citizenship))
            and (rule.purpose is null or rule.purpose = profile.purpose)
            and (
                coalesce(len(rule.applies_to_posts), 0) = 0 or list_contains(rule.applies_to_posts, profile.entry_post)
            )
    where rule.known_to_seq is null
),

point as (
    select
        citizenship,
        purpose,
        entry_post,
        holds_from as day
    from matching
    where effect = 'grant'
    union
    select
        citizenship,
        purpose,
        entry_post,
        holds_until + 1 as day
    from matching
    where effect = 'grant' and holds_until < date '9999-12-31'
),

period as (
    select
        *,
        coalesce(
            lead(day) over (partition by citizenship, purpose, entry_post order by day) - 1, date '9999-12-31'
        ) as until
    from point
),

granting as (
    select matching.* replace (period.day as holds_from, period.until as holds_until)
    from period
    inner join matching
        on
            period.citizenship = matching.citizenship
            and period.purpose = matching.purpose
            and period.entry_post = matching.entry_post
            and period.day between matching.holds_from and matching.holds_until
    where matching.effect = 'grant'
    qualify
        rank() over (
            partition by period.citizenship, period.purpose, period.entry_post, period.day
            order by matching.citizenship_rank, matching.purpose_rank
        ) = 1
)

select * exclude (citizenship_rank, purpose_rank) from granting
union all
select * exclude (citizenship_rank, purpose_rank) from matching
where effect in ('suspend_clock', 'extend')
