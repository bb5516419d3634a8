{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['person_id', 'status', 'basis_feed', 'valid_from'],
    meta={'scope': 'person'}
) }}

with status as (
    select
        person_id,
        if(
            status = 'pending' and (
                basis_feed in ({{ restricted_feeds() }})
                or (basis_feed = 'residence_permits' and basis_record_id in ({{ permits_untold() }}))
            ),
            'lawful_other',
            {{ released_status('status') }}
        ) as status,
        if(status = 'citizen', 'citizenship_acts', {{ released_basis_feed('basis_feed') }}) as basis_feed,
        valid_from,
        valid_to,
        1 as claim_rank,
        valid_from as claim_order
    from {{ ref('legal_status_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
),

implying as (
    select *
    from status
    where status = 'lawful_other'
),

joined as (
    {{ best_claims('implying', ['status', 'basis_feed']) }}
),

released as (
    -- Two papers of one kind may begin on one day, as two applications do, and end on others: the later end holds.
    select
        person_id,
        status,
        basis_feed,
        valid_from,
        if(bool_or(valid_to is null), null, max(valid_to)) as valid_to
    from status
    where status <> 'lawful_other'
    group by person_id, status, basis_feed, valid_from
    union all
    select
        person_id,
        status,
        basis_feed,
        valid_from,
        valid_to
    from joined
)

select
    *,
    {{ opened_now() }}
from released
