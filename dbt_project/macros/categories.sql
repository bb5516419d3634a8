{% macro categories(first_seen_on) -%}
{#- One row per touched person and interval: the first category that holds. What no paper says holds from the day
    in the column `first_seen_on` of person_base; whose first act takes the citizenship had it until then, on the day before at the latest. A citizen
    who moves abroad is an emigrant until the next move; a foreigner who does stays what he was. -#}
with claim as (
    select
        person_id,
        case
            when status = 'citizen' then 'citizen_mover'
            when status = 'stateless_certificate' then 'stateless'
            when status = 'undetermined_status' then 'undetermined_status'
            when status = 'labour_permit' then 'labour_migrant'
            when status = 'ata_zholy' then 'compatriot'
            when status in ('refugee', 'asylum_seeker', 'kandas') then status
        end as category,
        valid_from,
        valid_to
    from {{ ref('legal_status_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    union all
    select
        person_id,
        case
            when is_citizen_without_act then 'citizen_mover'
            when citizenship = 'XXA' then 'stateless'
            else 'foreigner'
        end as category,
        greatest({{ first_seen_on }}, acted_on) as valid_from,
        null as valid_to
    from {{ ref('person_base') }}
    where {{ first_seen_on }} is not null
    union all
    select
        person_id,
        if(former_citizenship = 'XXA', 'stateless', 'foreigner') as category,
        {{ first_seen_on }} as valid_from,
        acted_on as valid_to
    from {{ ref('person_base') }}
    where {{ first_seen_on }} < acted_on
    union all
    select
        base.person_id,
        'citizen_mover' as category,
        least(base.{{ first_seen_on }}, act.effective_on - 1) as valid_from,
        act.effective_on as valid_to
    from {{ ref('person_base') }} as base
    inner join {{ ref('touched_observation') }} as touched on base.person_id = touched.person_id
    inner join {{ ref('citizenship_event') }} as act on touched.observation_id = act.observation_id
    where base.{{ first_seen_on }} is not null
    qualify
        row_number() over (partition by base.person_id order by act.effective_on, act.record_id) = 1
        and act.action in ('renounced', 'lost') and coalesce(act.from_citizenship, 'KAZ') = 'KAZ'
),

moved as (
    select
        touched.person_id,
        move.direction,
        move.moved_on as valid_from,
        lead(move.moved_on) over (
            partition by touched.person_id order by move.moved_on, move.record_id
        ) as valid_to
    from {{ ref('move_event') }} as move
    inner join {{ ref('touched_observation') }} as touched on move.observation_id = touched.observation_id
),

claimed as (
    select * from claim
    union all
    select
        claim.person_id,
        'emigrant' as category,
        greatest(claim.valid_from, moved.valid_from) as valid_from,
        least(claim.valid_to, moved.valid_to) as valid_to
    from claim
    inner join moved
        on
            claim.person_id = moved.person_id
            and coalesce(moved.valid_from < claim.valid_to, true)
            and coalesce(claim.valid_from < moved.valid_to, true)
    where claim.category = 'citizen_mover' and moved.direction = 'emigration'
),

ranked as (
    select
        person_id,
        category,
        valid_from,
        valid_to,
        list_position(
            [
                'emigrant', 'citizen_mover', 'refugee', 'asylum_seeker', 'stateless', 'undetermined_status', 'kandas',
                'labour_migrant', 'compatriot', 'foreigner'
            ],
            category
        ) as claim_rank,
        valid_from as claim_order
    from claimed
    where category is not null
)

select * from ({{ best_claims('ranked', ['category']) }}) as best
{%- endmacro %}
