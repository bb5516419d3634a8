{{ config(materialized='incremental', incremental_strategy='bitemporal', unique_key=['stay_id'], meta={
    'scope': 'person', 'publish': {'restricted': 'registry.validity_only_history'}
}) }}
-- depends_on: {{ ref('touched_person') }}

with card as (
    select
        person_id,
        happened_on as moved_on
    from {{ ref('touched_departure') }}
    where kind = 'emigration'
),

paper as (
    select
        status.person_id,
        status.basis_feed || '|' || status.basis_record_id as basis,
        status.valid_from,
        least(status.valid_to, min(card.moved_on)) as valid_to
    from {{ ref('legal_status_history') }} as status
    left join card on status.person_id = card.person_id and status.valid_from < card.moved_on
    where
        status.known_to_seq is null and status.status not in ('visa', 'labour_permit', 'citizen')
        and (status.basis_feed, status.basis_record_id) not in (
            select (asked.basis_feed, asked.record_id) from {{ ref('touched_decision') }} as asked
            where asked.permit_type in ('visa', 'labour_permit')
        )
        and status.person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
        and status.person_id not in (
            select stay.person_id from {{ ref('touched_stay') }} as stay
            where stay.known_to_seq is null
        )
    group by status.person_id, basis, status.valid_from, status.valid_to
),

marked as (
    select
        *,
        coalesce(valid_from > max(coalesce(valid_to, date '9999-12-31')) over (
            partition by person_id order by valid_from, basis rows between unbounded preceding and 1 preceding
        ), true) as begins_run
    from paper
),

numbered as (
    select
        *,
        sum(cast(begins_run as integer)) over (partition by person_id order by valid_from, basis) as run_number
    from marked
),

-- Who has become a citizen held these papers as what the person was before.
holder as (
    select
        person_id,
        if(citizenship = 'KAZ', former_citizenship, citizenship) as citizenship
    from {{ ref('person_base') }}
)

select
    md5('validity_only|' || arg_min(numbered.basis, (numbered.valid_from, numbered.basis))) as stay_id,
    numbered.person_id,
    holder.citizenship,
    build.presence.class_of(
        'paper', null, holder.citizenship, null, null, null, min(numbered.valid_from), null
    ) as presence_class,
    min(numbered.valid_from) as valid_from,
    if(count(*) > count(numbered.valid_to), null, max(numbered.valid_to)) as valid_to,
    numbered.run_number = 1 as is_first,
    {{ opened_now() }}
from numbered
inner join holder on numbered.person_id = holder.person_id
group by numbered.person_id, numbered.run_number, holder.citizenship
