{% macro placements(claims) -%}
{#- One row per person and interval: the best of the claims about a place on each day of a stay of the
    touched period.

    `claims` has the columns of touched_place_claim. -#}
with within_stay as (
    select
        claim.* exclude (valid_from, valid_to),
        {{ place_code('region', 'claim.kato', 2) }} as region,
        {{ place_code('district', 'claim.kato', 4) }} as district,
        (claim.valid_from, claim.record_id) as claim_order,
        greatest(claim.valid_from, stay.first_sign_on) as valid_from,
        least(claim.valid_to, stay.ended_on) as valid_to
    from {{ claims }} as claim
    inner join {{ ref('stay_history') }} as stay
        on
            claim.person_id = stay.person_id
            and stay.known_to_seq is null
            and (claim.holds_over_stays or claim.valid_from >= stay.first_sign_on)
            and coalesce(claim.valid_from < stay.ended_on, true)
            and coalesce(stay.first_sign_on < claim.valid_to, true)
    inner join {{ ref('touched_period') }} as period
        on claim.person_id = period.person_id and stay.first_sign_on >= period.computed_from
    where claim.kato is not null
)

select
    person_id,
    region,
    district,
    kato,
    host_type,
    basis_feed,
    confidence,
    valid_from,
    valid_to,
    {{ opened_now() }}
from ({{ best_claims('within_stay', ['region', 'district', 'kato', 'host_type', 'basis_feed', 'confidence']) }}) as best
{%- endmacro %}
