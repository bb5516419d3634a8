with told as (
    select
        touched.person_id,
        event.feed,
        event.cluster_key,
        event.ethnicity,
        event.starts_on,
        event.told_at,
        event.record_id,
        lead(event.starts_on) over (
            partition by touched.person_id, event.feed order by event.starts_on, event.told_at, event.record_id
        ) as replaced_on
    from {{ ref('belonging_event') }} as event
    inner join {{ ref('touched_observation') }} as touched on event.observation_id = touched.observation_id
),

cluster_claim as (
    select
        person_id,
        cluster_key,
        if(feed = 'stay_notifications', 1, 2) as claim_rank,
        starts_on as claim_order,
        starts_on as valid_from,
        replaced_on as valid_to
    from told
    where cluster_key is not null and coalesce(starts_on < replaced_on, true)
    union all
    select
        person_id,
        md5_number_lower('person ' || person_id) as cluster_key,
        3 as claim_rank,
        date '-infinity' as claim_order,
        date '-infinity' as valid_from,
        null as valid_to
    from {{ ref('touched_person') }}
),

ethnicity as (
    select
        told.person_id,
        arg_max(
            coalesce(known.name_en, upper(left(told.ethnicity, 1)) || lower(substr(told.ethnicity, 2))),
            (told.starts_on, told.feed, told.record_id)
        ) as ethnicity
    from told
    left join {{ ref('ethnic_group') }} as known on lower(told.ethnicity) = lower(known.name_en)
    where told.ethnicity is not null
    group by told.person_id
)

select
    cluster.person_id,
    cluster.cluster_key,
    ethnicity.ethnicity,
    cluster.valid_from,
    coalesce(cluster.valid_to, date '9999-12-31') as valid_to
from ({{ best_claims('cluster_claim', ['cluster_key']) }}) as cluster
left join ethnicity on cluster.person_id = ethnicity.person_id
