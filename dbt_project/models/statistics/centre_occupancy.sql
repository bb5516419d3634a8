{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.centre_occupancy', 'analysis': 'statistics.centre_occupancy'
}}) }}

with covered as (
    {{ covered_days() }}
),

centre as (
    select
        centre_code,
        capacity,
        legal_max_days,
        opened_on,
        closed_on
    from ({{ registered_records('placement_centres') }}) as listed
    where kind in ('special_receiver', 'undetermined_status')
),

held as (
    select
        stay.person,
        coalesce(centre.centre_code, '_U') as centre_code,
        stay.admitted_on,
        stay.next_on,
        coalesce(stay.next_event in ('centre_released', 'centre_admitted'), false) as is_end_known,
        centre.legal_max_days
    from {{ ref('centre_stay') }} as stay
    left join centre on stay.centre_code = centre.centre_code
),

night as (
    select
        held.*,
        covered.period,
        coalesce(covered.period - held.admitted_on >= held.legal_max_days, false) as is_beyond
    from held
    inner join covered
        on held.admitted_on <= covered.period and coalesce(held.next_on > covered.period, true)
),

counted as (
    select
        period,
        centre_code,
        count(distinct person) filter (where is_end_known or not is_beyond) as occupied,
        count(distinct person) filter (where not is_end_known and is_beyond) as release_unknown,
        count(distinct person) filter (where is_end_known and is_beyond) as beyond_legal_max
    from night
    group by all
),

place as (
    select
        covered.period,
        centre.centre_code,
        centre.capacity
    from covered
    inner join centre
        on
            coalesce(centre.opened_on <= covered.period, true)
            and coalesce(centre.closed_on >= covered.period, true)
),

measured as (
    select
        coalesce(place.period, counted.period) as period,
        coalesce(place.centre_code, counted.centre_code) as centre_code,
        place.capacity,
        coalesce(counted.occupied, 0) as occupied,
        coalesce(counted.release_unknown, 0) as release_unknown,
        coalesce(counted.beyond_legal_max, 0) as beyond_legal_max
    from place
    full join counted on place.period = counted.period and place.centre_code = counted.centre_code
),

figure as (
    select
        measured.period,
        measured.centre_code,
        indicator.indicator,
        case indicator.indicator
            when 'occupied' then occupied
            when 'release_unknown' then release_unknown
            when 'beyond_legal_max' then beyond_legal_max
            when 'capacity' then capacity
            else occupied / nullif(capacity, 0)
        end as value,
        case indicator.indicator
            when 'occupied' then occupied + release_unknown
            when 'beyond_legal_max' then beyond_legal_max + release_unknown
            when 'occupancy_share' then (occupied + release_unknown) / nullif(capacity, 0)
        end as upper
    from measured
    cross join (
        values ('occupied'), ('release_unknown'), ('beyond_legal_max'), ('capacity'), ('occupancy_share')
    ) as indicator (indicator)
)

select
    period,
    centre_code,
    indicator,
    cast(value as double) as value,
    cast(if(upper is null, null, value) as double) as lower,
    cast(upper as double) as upper,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from figure
where value is not null
