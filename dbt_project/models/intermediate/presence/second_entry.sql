with stay as (
    select
        entered_on,
        lag(left_on) over (partition by person_id order by first_sign_on, last_sign_on, stay_id) as left_before_on
    from {{ ref('stay_history') }}
    where known_to_seq is null
)

select entered_on is null as is_missed
from stay
where left_before_on is not null
