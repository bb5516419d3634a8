{#- A paper that runs out answers no application, and an answer counts from the day on which it was given: a paper
    prolonged is often told from its first day on. -#}
with decision as (
    select
        touched.person_id,
        'residence_permits' as basis_feed,
        permit.* exclude (observation_id, citizenship, kato)
    from {{ ref('permit_event') }} as permit
    inner join {{ ref('touched_observation') }} as touched on permit.observation_id = touched.observation_id
    union all by name
    select
        touched.person_id,
        'labour_permits' as basis_feed,
        'labour_permit' as permit_type,
        labour.* exclude (observation_id, kato, scheme, category, employer_bin, occupation_isco)
    from {{ ref('labour_event') }} as labour
    inner join {{ ref('touched_observation') }} as touched on labour.observation_id = touched.observation_id
),

started as (
    select
        *,
        case
            when action = 'extended' and permit_type = 'status_determination' then least(valid_from, decided_on)
            when action in ('granted', 'extended') then coalesce(valid_from, decided_on)
            when action = 'applied' then coalesce(filed_on, decided_on)
            when action = 'expired' then decided_on + 1
            else decided_on
        end as starts_on
    from decision
)

select
    *,
    min(starts_on) filter (where action not in ('applied', 'refused')) over (
        partition by person_id, basis_feed, permit_id
        order by decided_on, {{ place_in_day('action') }}, record_id
        rows between 1 following and unbounded following
    ) as replaced_on,
    min(decided_on) filter (
        where action not in ('applied', 'expired') or (action = 'expired' and permit_type = 'status_determination')
    ) over (
        partition by person_id, basis_feed, permit_type
        order by if(action = 'applied', starts_on, decided_on), action <> 'applied', record_id
        rows between 1 following and unbounded following
    ) as answered_on
from started
