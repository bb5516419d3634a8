{{ config(materialized='view') }}
{#- Nobody is in it twice on a date: stays of a person follow one another, as categories and places do. -#}
with stay as materialized (
    select * from {{ ref('reference_stay') }}
    where not is_unseen or upper > 0
),

paper as (
    select
        stay.period,
        stay.person_id,
        min({{ paper_rank('told.status') }}) as paper_rank
    from stay
    inner join {{ ref('legal_status_history') }} as told
        on
            stay.person_id = told.person_id and told.valid_from <= stay.described_on
            and coalesce(told.valid_to, date '9999-12-31') > stay.described_on
    where
        {{ after_reference('told') }}
        and {{ paper_rank('told.status') }} is not null
        and told.basis_feed not in ({{ restricted_feeds() }})
    group by stay.period, stay.person_id
),

category as (
    select
        told.person_id,
        told.category,
        told.valid_from,
        told.valid_to
    from {{ ref('person_category_history') }} as told
    where {{ after_reference('told') }}
),

place as (
    select
        told.person_id,
        told.region,
        told.valid_from,
        coalesce(told.valid_to, date '9999-12-31') as valid_to
    from {{ ref('released_placement_history') }} as told
    where {{ after_reference('told') }}
),

unseen as (
    select * from stay
    where is_unseen
),

unseen_place as (
    {{ first_places('unseen', ['period', 'person_id'], 'described_on', 'place', ['region']) }}
),

-- Of whom the first sign after the date is of a citizen, the days before that citizenship count.
counted as (
    select
        stay.*,
        coalesce(if(stay.is_unseen, later.valid_from - 1, null), stay.described_on) as counted_on
    from stay
    left join category as later
        on
            stay.person_id = later.person_id and later.valid_from <= stay.described_on
            and coalesce(later.valid_to, date '9999-12-31') > stay.described_on
            and later.category in ('citizen_mover', 'emigrant')
),

common as (
    select birth_country
    from {{ ref('person_history') }}
    where known_to_seq is null
    group by birth_country
    having count(*) >= 100
),

described as (
    select
        stay.*,
        {{ counted_citizenship(released_citizenship('stay.citizenship')) }} as counted_citizenship,
        case
            when coalesce(person.birth_country, '_U') in ('_U', 'XXB', 'XXC') then '_U'
            when stay.citizenship in ('XXB', 'XXC') then '_U'
            when stay.citizenship = 'XXA' or category.category = 'stateless' then '_R'
            when person.birth_country in (select common.birth_country from common) then person.birth_country
            else '_R'
        end as birth_country,
        coalesce(place.region, unseen_place.region, '_U') as region,
        {{ counted_status('category.category', 'paper.paper_rank') }} as status
    from counted as stay
    left join category
        on
            stay.person_id = category.person_id and category.valid_from <= stay.counted_on
            and coalesce(category.valid_to, date '9999-12-31') > stay.counted_on
    left join paper on stay.period = paper.period and stay.person_id = paper.person_id
    left join {{ ref('person_history') }} as person
        on stay.person_id = person.person_id and person.known_to_seq is null
    left join place
        on
            stay.person_id = place.person_id and place.valid_from <= stay.described_on
            and place.valid_to > stay.described_on
    left join unseen_place on stay.period = unseen_place.period and stay.person_id = unseen_place.person_id
    where
        coalesce(category.category, if(stay.counted_on < stay.described_on, 'citizen_mover', 'foreigner'))
        not in ('citizen_mover', 'emigrant') and stay.counted_on >= stay.period
),

-- Who was a citizen on the date, and no longer on the first sign of life after it.
citizen as (
    select distinct
        stay.period,
        stay.person_id
    from stay
    inner join category
        on
            stay.person_id = category.person_id and category.valid_to > stay.period
            and category.valid_to <= stay.described_on
    where category.category in ('citizen_mover', 'emigrant')
),

visa_free as (
    select distinct
        described.period,
        described.person_id
    from described
    inner join {{ ref('visa_free_history') }} as told
        on
            described.person_id = told.person_id and told.valid_from <= described.described_on
            and coalesce(told.valid_to, date '9999-12-31') > described.described_on
    where {{ after_reference('told') }} and described.status = '_U'
)

select
    described.period,
    described.person_id,
    described.counted_citizenship as citizenship,
    described.birth_country,
    described.region,
    coalesce({{ released_purpose('described.purpose') }}, '_U') as purpose,
    if(described.is_unseen, '_U', {{ duration_band('described.entered_on', 'described.period') }}) as duration,
    case
        when described.status = 'untold' then '_U'
        when described.status = '_U' and visa_free.person_id is not null then 'visa_free'
        else described.status
    end as status,
    described.* exclude (
        period, person_id, citizenship, counted_citizenship, birth_country, region, purpose, status, entered_on,
        described_on, counted_on
    )
from described
left join visa_free on described.period = visa_free.period and described.person_id = visa_free.person_id
left join citizen on described.period = citizen.period and described.person_id = citizen.person_id
where citizen.person_id is null
