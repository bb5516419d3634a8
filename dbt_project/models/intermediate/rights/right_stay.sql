select
    stay.stay_id,
    stay.person_id,
    stay.entered_on is not null as is_entered,
    coalesce(stay.entered_on, stay.first_sign_on) as begins_on,
    coalesce(stay.ended_on, date '9999-12-31') as ended_on,
    least(coalesce(stay.left_on, stay.last_sign_on), stay.ended_on) as seen_until,
    stay.first_sign_on,
    stay.signs_on,
    coalesce(stay.citizenship, '_U') as citizenship,
    coalesce(stay.purpose, '_U') as purpose,
    if(stay.is_born_here, '_B', coalesce(stay.entry_post, '_U')) as entry_post,
    stay.first_sign_on >= touched.computed_from as is_touched
from {{ ref('stay_history') }} as stay
inner join {{ ref('touched_right') }} as touched on stay.person_id = touched.person_id
where stay.known_to_seq is null
