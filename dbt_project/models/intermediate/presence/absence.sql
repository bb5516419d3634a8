with stay as (
    select
        *,
        lead(entered_on) over following as next_entered_on,
        lead(first_sign_on) over following as next_sign_on
    from {{ ref('stay_history') }}
    where known_to_seq is null
    window following as (partition by person_id order by first_sign_on, last_sign_on, stay_id)
)

select
    {{ presence_class('stay') }} as presence_class,
    {{ plain_class('stay') }} as plain_class,
    next_entered_on is not null as came_back,
    coalesce(next_entered_on, next_sign_on, {{ last_covered_day() }}) - left_on as days
from stay
where
    left_on is not null and died_on is null
    and coalesce(next_entered_on, next_sign_on, {{ last_covered_day() }}) >= left_on
