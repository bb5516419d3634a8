{{ config(materialized='view', meta={'publish': {'restricted': 'registry.minor_in_centre'}}) }}

with centre as (
    select
        centre_code,
        kind
    from ({{ registered_records('placement_centres') }}) as listed
)

select
    stay.person_id,
    stay.admission_record_id as record_id,
    stay.centre_code,
    coalesce(centre.kind, '_U') as kind,
    stay.admitted_on,
    stay.next_on as ended_on,
    stay.guardian_present
from {{ ref('centre_stay') }} as stay
inner join {{ ref('person') }} as person on stay.person_id = person.person_id
left join centre on stay.centre_code = centre.centre_code
where
    stay.admitted_on
    < {{ latest_birth_day('person.birth_date') }} + to_years({{ term_of_law('majority', 'stay.admitted_on') }})
