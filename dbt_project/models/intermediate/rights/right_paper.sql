with paper as (
    select
        status.person_id,
        status.status,
        status.basis_record_id,
        status.valid_from,
        coalesce(status.valid_to - 1, date '9999-12-31') as valid_until,
        visa.days_per_entry,
        nullif(visa.entries_allowed, 0) as entries_allowed
    from {{ ref('legal_status_history') }} as status
    left join {{ ref('permit_event') }} as visa
        on if(status.status = 'visa', status.basis_record_id, null) = visa.record_id
    where
        status.known_to_seq is null
        and status.status not in ('pending', 'undetermined_status')
        and status.person_id in (select stay.person_id from {{ ref('right_stay') }} as stay)
),

used as (
    select
        stay.stay_id,
        stay.person_id,
        paper.status,
        paper.entries_allowed,
        greatest(paper.valid_from, stay.begins_on) as covers_from,
        least(
            paper.valid_until,
            greatest(paper.valid_from, stay.begins_on) + cast(paper.days_per_entry as integer) - 1
        ) as covers_until,
        stay.begins_on >= paper.valid_from as is_entry,
        row_number() over (
            partition by stay.person_id, paper.basis_record_id, stay.is_entered and stay.begins_on >= paper.valid_from
            order by stay.begins_on, stay.stay_id
        ) as entry_number
    from paper
    inner join {{ ref('right_stay') }} as stay
        on
            paper.person_id = stay.person_id
            and stay.begins_on <= paper.valid_until
            and paper.valid_from <= stay.ended_on
)

select
    stay_id,
    person_id,
    status,
    covers_from,
    covers_until
from used
where not is_entry or coalesce(entry_number <= entries_allowed, true)
