with claim as (
    select
        * exclude (valid_to),
        if(claim_rank = 0, valid_to, least(valid_to, min(if(tells_move, valid_from, null)) over later)) as valid_to,
        count(*) filter (where tells_move) over until_now as moves
    from {{ ref('touched_place_claim') }}
    window
        later as (partition by person_id order by valid_from groups between 1 following and unbounded following),
        until_now as (partition by person_id order by valid_from)
),

stay as (
    select
        person_id,
        stay_id,
        first_sign_on,
        ended_on
    from {{ ref('touched_stay') }}
    where known_to_seq is null
    union all
    select
        person_id,
        stay_id,
        valid_from as first_sign_on,
        valid_to as ended_on
    from {{ ref('validity_only_history') }}
    where known_to_seq is null
),

known as (
    select distinct digits from {{ ref('place_span') }}
),

claimed as (
    select
        claim.* exclude (valid_from, valid_to),
        stay.stay_id,
        case
            when left(claim.kato, 4) in (select known.digits from known) then left(claim.kato, 4)
            when left(claim.kato, 2) in (select known.digits from known) then left(claim.kato, 2)
            else '_U'
        end as digits,
        struct_pack(claimed_from := claim.valid_from, record_id := claim.record_id) as claim_order,
        greatest(claim.valid_from, stay.first_sign_on) as valid_from,
        least(claim.valid_to, stay.ended_on) as valid_to
    from claim
    inner join stay
        on
            claim.person_id = stay.person_id
            and (
                claim.holds_over_stays
                or greatest(claim.valid_from, claim.told_on) >= stay.first_sign_on
            )
            and claim.valid_from < coalesce(stay.ended_on, date 'infinity')
            and stay.first_sign_on < coalesce(claim.valid_to, date 'infinity')
    inner join {{ ref('touched_period') }} as period
        on claim.person_id = period.person_id and stay.first_sign_on >= period.computed_from
    where claim.kato is not null
),

-- Where the borders change within a claim, the place is another one from that day on.
within_stay as (
    select
        claimed.* exclude (digits, valid_from, valid_to),
        span.region,
        span.district,
        greatest(claimed.valid_from, span.valid_from) as valid_from,
        least(claimed.valid_to, span.valid_to) as valid_to
    from claimed
    inner join {{ ref('place_span') }} as span
        on
            claimed.digits = span.digits
            and coalesce(claimed.valid_from < span.valid_to, true)
            and coalesce(span.valid_from < claimed.valid_to, true)
),

named as (
    select
        stay_id,
        moves,
        region,
        district,
        arg_max(kato, (-claim_rank, claim_order)) as kato,
        count(distinct basis_feed || '|' || record_id) as signs,
        max(claim_order) as last_sign
    from within_stay
    where claim_rank > 0 and district <> '_U'
    group by stay_id, moves, region, district
),

agreed as (
    select *
    from named
    where signs > 1
    qualify row_number() over (partition by stay_id, moves order by signs desc, last_sign desc) = 1
),

corrected as (
    select
        alone.stay_id,
        alone.moves,
        alone.district as instead_of,
        agreed.region,
        agreed.district,
        agreed.kato
    from named as alone
    inner join agreed on alone.stay_id = agreed.stay_id and alone.moves = agreed.moves
    where alone.signs = 1
)

select
    claim.person_id,
    claim.stay_id,
    coalesce(corrected.region, claim.region) as region,
    coalesce(corrected.district, claim.district) as district,
    coalesce(corrected.kato, claim.kato) as kato,
    claim.host_type,
    claim.basis_feed,
    claim.claim_rank,
    claim.claim_order,
    claim.confidence,
    claim.valid_from,
    claim.valid_to
from within_stay as claim
left join corrected
    on
        if(claim.claim_rank > 0, claim.stay_id, null) = corrected.stay_id
        and claim.moves = corrected.moves
        and claim.district = corrected.instead_of
