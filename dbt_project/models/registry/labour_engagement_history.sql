{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['basis_feed', 'basis_record_id'],
    meta={
    'scope': 'person', 'publish': {'restricted': 'registry.labour_engagement_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

with contract as (
    select
        touched.person_id,
        month.employer_bin,
        month.contract_from,
        arg_min(month.record_id, (month.worked_from, month.record_id)) as record_id,
        arg_max(month.occupation_isco, (month.worked_from, month.record_id)) as occupation_isco,
        arg_max(month.kato, (month.worked_from, month.record_id)) as kato,
        coalesce(month.contract_from, min(month.worked_from)) as valid_from,
        max(
            struct_pack(told_on := month.worked_from, record_id := month.record_id, until := month.contract_until)
        ).until as contract_until,
        bool_or(month.is_worked) as is_worked
    from {{ ref('employment_event') }} as month
    inner join {{ ref('touched_observation') }} as touched on month.observation_id = touched.observation_id
    group by touched.person_id, month.employer_bin, month.contract_from
),

decision as (
    select
        decided.*,
        lead(decided.starts_on) over later as next_starts_on,
        lead(decided.action) over later as next_action
    from {{ ref('touched_decision') }} as decided
    where decided.basis_feed = 'labour_permits' and decided.action not in ('applied', 'refused')
    window later as (
        partition by decided.person_id, decided.permit_id
        order by decided.decided_on, {{ place_in_day('decided.action') }}, decided.record_id
    )
),

engagement as (
    select
        decision.person_id,
        'labour_permits' as basis_feed,
        decision.record_id as basis_record_id,
        labour.scheme,
        labour.category,
        labour.employer_bin,
        labour.occupation_isco,
        labour.kato,
        decision.starts_on as valid_from,
        least(decision.valid_until + 1, decision.replaced_on) as valid_to,
        if(decision.next_action = 'revoked', decision.next_starts_on, null) as ended_on,
        if(
            labour.scheme in ('employer', 'seasonal', 'intra_company') and not exists (
                select 1 from contract
                where contract.person_id = decision.person_id and contract.employer_bin = labour.employer_bin
            ), ['without_contract'], []
        ) as flags
    from decision
    inner join {{ ref('labour_event') }} as labour on decision.record_id = labour.record_id
    where decision.action in ('granted', 'extended')
    union all
    select
        person_id,
        'employment_records' as basis_feed,
        record_id as basis_record_id,
        'contract' as scheme,
        null as category,
        employer_bin,
        occupation_isco,
        kato,
        valid_from,
        contract_until + 1 as valid_to,
        null as ended_on,
        if(is_worked, [], ['without_pay']) as flags
    from contract
),

death as (
    {{ deaths() }}
),

departed as (
    select
        engagement.basis_feed,
        engagement.basis_record_id,
        arg_max(
            coalesce(stay.left_on, stay.moved_away_on, date 'infinity'),
            (stay.first_sign_on, stay.last_sign_on, coalesce(stay.ended_on, date 'infinity'), stay.left_on is null)
        ) as departed_on
    from engagement
    inner join {{ ref('touched_stay') }} as stay
        on engagement.person_id = stay.person_id and coalesce(stay.first_sign_on < engagement.valid_to, true)
    where stay.known_to_seq is null
    group by engagement.basis_feed, engagement.basis_record_id
)

select
    engagement.person_id,
    engagement.basis_feed,
    engagement.basis_record_id,
    engagement.scheme,
    engagement.category,
    engagement.employer_bin,
    engagement.occupation_isco,
    engagement.kato,
    {{ place_on('region', 'engagement.kato', 'engagement.valid_from') }} as region,
    engagement.valid_from,
    least(engagement.valid_to, death.died_on) as valid_to,
    engagement.ended_on,
    if(departed.departed_on >= engagement.valid_from and isfinite(departed.departed_on), departed.departed_on, null)
        as departed_on,
    engagement.flags,
    {{ opened_now() }}
from engagement
left join departed
    on engagement.basis_feed = departed.basis_feed and engagement.basis_record_id = departed.basis_record_id
left join death on engagement.person_id = death.person_id
where coalesce(engagement.valid_from < least(engagement.valid_to, death.died_on), true)
