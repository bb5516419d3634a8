{{ config(materialized='view', meta={'publish': {
    'aggregates': 'statistics.kandas_cohort', 'analysis': 'statistics.kandas_cohort'
}}) }}

with course as (
    select
        coalesce(person_id, record_id) as person,
        min(event_on) as since,
        arg_min(kato, (event_on, record_id)) as kato,
        arg_min(origin_country, (event_on, record_id)) as origin_country,
        list(distinct event) as events,
        bool_or(event = 'granted' and in_quota) as is_in_quota
    from {{ ref('case_history') }}
    where known_to_seq is null and feed = 'kandas_cases'
    group by all
),

reached as (
    select
        cast(date_trunc('year', since) + interval 1 year - interval 1 day as date) as period,
        {{ place_on('region', 'course.kato', 'course.since') }} as region,
        coalesce(origin_country, '_U') as origin_country,
        unnest(list_concat(['started'], events, if(is_in_quota, ['granted_in_quota'], []))) as step
    from course
),

counted as (
    select
        period,
        coalesce(region, '_T') as region,
        coalesce(origin_country, '_T') as origin_country,
        'kandas_' || step as indicator,
        count(*) as persons
    from reached
    where
        step in (
            'started', 'applied', 'granted', 'granted_in_quota', 'refused', 'settled', 'citizenship_acquired', 'lapsed'
        )
    group by grouping sets ((period, region, step), (period, origin_country, step))
)

{{ withheld('counted', ['region', 'origin_country'], 10) }}
