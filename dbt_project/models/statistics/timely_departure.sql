{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.timely_departure', 'analysis': 'statistics.timely_departure'
}}) }}

with engagement as (
    select
        person_id,
        region,
        scheme,
        departed_on,
        valid_to - 1 as last_on,
        coalesce(max(coalesce(valid_to, date 'infinity')) over (
            partition by person_id order by valid_from, basis_record_id
            rows between 1 following and unbounded following
        ) > valid_to, false) as goes_on
    from {{ ref('labour_engagement_history') }}
    where known_to_seq is null and basis_feed = 'labour_permits'
),

counted as (
    select
        last_day(last_on) as period,
        region,
        scheme,
        case
            when departed_on is null then 'not_known'
            when departed_on <= last_on then '000'
            when departed_on - last_on <= 10 then '001-010'
            when departed_on - last_on <= 30 then '011-030'
            when departed_on - last_on <= 90 then '031-090'
            else '091+'
        end as duration_band,
        'work_ended' as indicator,
        count(distinct person_id) as persons
    from engagement
    where not goes_on and last_day(last_on) in ({{ month_ends() }})
    group by all
)

{{ withheld('counted', ['region', 'scheme', 'duration_band']) }}
