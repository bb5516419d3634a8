{{ config(
    materialized='incremental', incremental_strategy='bitemporal', meta={'scope': 'member', 'since': 'valid_from'}
) }}
{%- set members = standing_table('intermediate', 'member_history') if is_incremental() else none %}

with stay as (
    select
        stay.stay_id,
        stay.person_id,
        stay.signs_on,
        stay.first_sign_on,
        coalesce(stay.ended_on, date '9999-12-31') as ended_on,
        if(stay.citizenship = 'XXX', null, stay.citizenship) as citizenship
    from {{ ref('touched_stay') }} as stay
    inner join {{ ref('touched_member') }} as touched
        on stay.person_id = touched.person_id and stay.first_sign_on >= touched.computed_from
    where
        stay.known_to_seq is null
        and coalesce(stay.purpose not in ('transit', 'official'), true)
        and coalesce(stay.citizenship not in ('XXA', 'XXB', 'XXC'), true)
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
        ref('released_placement_history'), 'kept', "kept.known_to_seq is null and kept.region <> '_U'",
        'semi join ' ~ ref('touched_member')
        ~ ' as touched on kept.person_id = touched.person_id and kept.valid_from >= touched.computed_from'
    ) }}) as place
    inner join stay
        on
            place.person_id = stay.person_id
            and place.valid_from < stay.ended_on
            and stay.first_sign_on < coalesce(place.valid_to, date 'infinity')
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

-- Whether somebody stayed on is told by where the person was before: the last interval that is not computed again.
along as (
    select
        *,
        cast(null as date) as region_known_since,
        cast(null as date) as district_known_since,
        false as is_before
    from member
    {%- if members %}
    union all by name
    select
        kept.person_id,
        max_by(kept.region, kept.valid_from) as region,
        max_by(kept.district, kept.valid_from) as district,
        max(kept.valid_from) as valid_from,
        max(kept.valid_to) as valid_to,
        max_by(kept.region_since, kept.valid_from) as region_known_since,
        max_by(kept.district_since, kept.valid_from) as district_known_since,
        true as is_before
    from {{ members }} as kept
    inner join {{ ref('touched_member') }} as touched
        on kept.person_id = touched.person_id and kept.valid_from < touched.computed_from
    where {{ known_at('kept', var('load_seq') | int - 1) }}
    group by kept.person_id
    {%- endif %}
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
    from along
    window course as (partition by person_id order by valid_from)
),

settled as (
    select
        *,
        last_value(
            if(is_before, region_known_since, if(begins_in_region, valid_from, null)) ignore nulls
        ) over course as region_since,
        last_value(
            if(is_before, district_known_since, if(begins_in_region or begins_in_district, valid_from, null))
            ignore nulls
        ) over course as district_since
    from marked
    window course as (partition by person_id order by valid_from)
)

select
    settled.person_id,
    settled.region,
    settled.district,
    settled.host_type,
    settled.citizenship,
    person.birth_country,
    declared.ethnicity,
    settled.cluster_key,
    settled.region_since,
    settled.district_since,
    settled.valid_from,
    nullif(settled.valid_to, date '9999-12-31') as valid_to,
    {{ opened_now() }}
from settled
left join {{ ref('person_history') }} as person on settled.person_id = person.person_id and person.known_to_seq is null
left join (
    select distinct
        person_id,
        ethnicity
    from {{ ref('touched_cluster') }}
) as declared on settled.person_id = declared.person_id
where not settled.is_before
