{{ config(materialized='view') }}

select
    stay_id,
    person_id,
    entered_on is not null as is_entered,
    coalesce(entered_on, first_sign_on) as begins_on,
    coalesce(ended_on, date '9999-12-31') as ended_on,
    least(coalesce(left_on, last_sign_on), ended_on) as seen_until,
    died_on,
    first_sign_on,
    signs_on,
    filed_only_on,
    coalesce(citizenship, '_U') as citizenship,
    coalesce(purpose, '_U') as purpose,
    if(is_born_here, '_B', coalesce(entry_post, '_U')) as entry_post,
    first_sign_on >= rights_from as is_touched
from {{ ref('touched_stay') }}
where known_to_seq is null and rights_from is not null
