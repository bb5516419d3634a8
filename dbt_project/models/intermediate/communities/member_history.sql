{{ config(materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'person'}) }}

with stay as (
    select
        stay_id,
        person_id,
        signs_on,
        first_sign_on,
        coalesce(ended_on, date '9999-12-31') as ended_on,
        if(citizenship = 'XXX', null, citizenship) as citizenship
    from {{ ref('touched_stay') }}
    where
        known_to_seq is null
        and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
        and coalesce(purpose not in ('transit', 'official'), true)
        and coalesce(citizenship not in ('XXA', 'XXB', 'XXC'), true)
),

sign as (
    select
        stay_id,
        unnest(signs_on) as sign_on
    from stay
),

placed as (
    select
        stay.*,
        place.region,
        place.district,
        if(place.host_type in ('clinic', 'centre'), null, place.host_type) as host_type,
        place.confidence,
        greatest(place.valid_from, stay.first_sign_on) as placed_from,
        least(coalesce(place.valid_to, date '9999-12-31'), stay.ended_on) as placed_to
    from ({{ wide_rows(
        ref('released_placement_history'), 'kept',
        "kept.known_to_seq is null and kept.region <> '_U' and kept.person_id in (select stay.person_id from stay)"
    ) }}) as place
    inner join stay
        on
            place.person_id = stay.person_id
            and place.valid_from < stay.ended_on
            and coalesce(place.valid_to > stay.first_sign_on, true)
),

vouched as (
    select
        placed.*,
        placed_from as present_from,
        placed_to as present_to
    from placed
    where confidence >= 0.6
    union all
    select
        placed.*,
        greatest(placed.placed_from, sign.sign_on) as present_from,
        least(placed.placed_to, sign.sign_on + 91) as present_to
    from placed
    inner join sign
        on placed.stay_id = sign.stay_id and sign.sign_on < placed.placed_to and placed.placed_from < sign.sign_on + 91
    where placed.confidence < 0.6
),

counted as (
    select
        person_id,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('person_category_history') }}
    where
        known_to_seq is null
        and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
        and category not in ('citizen_mover', 'emigrant', 'stateless', 'refugee', 'asylum_seeker')
),

claim as (
    select
        vouched.person_id,
        vouched.region,
        vouched.district,
        vouched.host_type,
        vouched.citizenship,
        cluster.cluster_key,
        1 as claim_rank,
        (vouched.first_sign_on, vouched.stay_id) as claim_order,
        greatest(vouched.present_from, counted.valid_from, cluster.valid_from) as valid_from,
        least(vouched.present_to, counted.valid_to, cluster.valid_to) as valid_to
    from vouched
    inner join counted
        on
            vouched.person_id = counted.person_id
            and counted.valid_from < vouched.present_to and vouched.present_from < counted.valid_to
    inner join {{ ref('touched_cluster') }} as cluster
        on
            vouched.person_id = cluster.person_id
            and cluster.valid_from < vouched.present_to and vouched.present_from < cluster.valid_to
    where vouched.present_from < vouched.present_to
),

interval_known as (
    select * from claim
    where valid_from < valid_to
),

member as (
    {{ best_claims('interval_known', ['region', 'district', 'host_type', 'citizenship', 'cluster_key']) }}
),

marked as (
    select
        *,
        coalesce(
            region <> lag(region) over course or valid_from > lag(valid_to) over course + 31, true
        ) as begins_in_region,
        coalesce(
            district <> lag(district) over course or valid_from > lag(valid_to) over course + 31, true
        ) as begins_in_district
    from member
    window course as (partition by person_id order by valid_from)
)

select
    marked.person_id,
    marked.region,
    marked.district,
    marked.host_type,
    marked.citizenship,
    person.birth_country,
    declared.ethnicity,
    marked.cluster_key,
    last_value(if(marked.begins_in_region, marked.valid_from, null) ignore nulls) over course as region_since,
    last_value(if(marked.begins_in_region or marked.begins_in_district, marked.valid_from, null) ignore nulls)
        over course as district_since,
    marked.valid_from,
    nullif(marked.valid_to, date '9999-12-31') as valid_to,
    {{ opened_now() }}
from marked
left join {{ ref('person_history') }} as person on marked.person_id = person.person_id and person.known_to_seq is null
left join (
    select distinct
        person_id,
        ethnicity
    from {{ ref('touched_cluster') }}
) as declared on marked.person_id = declared.person_id
window course as (partition by marked.person_id order by marked.valid_from)
