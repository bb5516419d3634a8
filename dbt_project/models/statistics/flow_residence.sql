{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.flow_residence', 'analysis': 'statistics.flow_residence'
}}) }}

with common as (
    {{ common_states() }}
),

card as (
    select
        direction,
        moved_on,
        from_region,
        to_region,
        {{ released_state("if(direction = 'immigration', from_country, to_country)") }} as country
    from {{ ref('residence_move_history') }}
    where known_to_seq is null
),

change as (
    select
        * exclude (cause, change, known_seq),
        sum(change) as persons,
        {{ last_covered_day() }} as day
    from {{ ref('released_residence_delta') }}
    group by all
    having sum(change) <> 0
),

weighed as (
    select
        change.*,
        case
            when change.silent_since is not null then coalesce(curve.probability, 0)
            else 1
        end as chance,
        case
            when change.silent_since is not null then coalesce(curve.lower, 0)
            else cast(change.reached_on <= change.day as integer)
        end as lower,
        case
            when change.silent_since is not null then coalesce(curve.upper, 0)
            else 1
        end as upper
    from change
    left join {{ source('presence', 'age') }} as reached
        on least(change.reached_on - change.silent_since, {{ longest_silence() }}) = reached.days
    left join {{ source('presence', 'age') }} as silence
        on
            least(
                greatest(coalesce(change.returned_on, change.day), change.reached_on) - change.silent_since,
                {{ longest_silence() }}
            ) = silence.days
    left join {{ ref('weighed_curve') }} as curve
        on
            change.presence_class = curve.presence_class and reached.band = curve.band
            and silence.band = curve.silent_band and curve.known_to_seq is null
            and if(change.returned_on is null, 'open', 'returned') = curve.ending
),

told as (
    select
        last_day(moved_on) as period,
        direction,
        '_T' as citizenship,
        if(direction = 'internal', '_Z', country) as country,
        if(direction = 'immigration', '_Z', coalesce(from_region, '_U')) as from_region,
        if(direction = 'emigration', '_Z', coalesce(to_region, '_U')) as to_region,
        'moves' as indicator,
        cast(count(*) as double) as value,
        cast(null as double) as lower,
        cast(null as double) as upper
    from card
    group by all
    union all
    select
        last_day(valid_day) as period,
        direction,
        citizenship,
        '_T' as country,
        if(direction = 'immigration', '_Z', region) as from_region,
        if(direction = 'emigration', '_Z', region) as to_region,
        'usual_residence_changes' as indicator,
        cast(sum(persons * chance) as double) as value,
        cast(sum(persons * lower) as double) as lower,
        cast(sum(persons * upper) as double) as upper
    from weighed
    where valid_day <= day
    group by all
)

select
    *,
    {{ final_or_provisional('period') }} as obs_status,
    {{ known_now() }} as known_seq
from told
where value <> 0 or upper <> 0
