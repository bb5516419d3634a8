with told as (
    select
        month.period,
        member.* exclude (valid_from, valid_to, known_from_seq, known_to_seq),
        1 as sign
    from {{ ref('counted_month') }} as month
    inner join {{ ref('member_history') }} as member
        on member.valid_from <= month.period and coalesce(month.period < member.valid_to, true)
    where month.is_whole and member.known_to_seq is null
    union all
    select
        month.period,
        version.* exclude (valid_from, valid_to, known_from_seq, known_to_seq)
    from {{ ref('counted_month') }} as month
    inner join (
        select
            *,
            1 as sign
        from {{ ref('member_history') }}
        where known_from_seq = {{ var('load_seq') }}
        union all
        select
            *,
            -1 as sign
        from {{ ref('member_history') }}
        where known_to_seq = {{ var('load_seq') }}
    ) as version
        on version.valid_from <= month.period and coalesce(month.period < version.valid_to, true)
    where not month.is_whole
)

select * replace (cast(sum(sign) as tinyint) as sign)
from told
group by all
having sum(sign) <> 0
