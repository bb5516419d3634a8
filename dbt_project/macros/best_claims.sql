{% macro best_claims(claims, values) -%}
{#- One row per person and interval: of the claims that hold on a day the best, neighbours with equal values joined.

    `claims` has person_id, valid_from, valid_to (half open, NULL = open), claim_rank (smaller is better), claim_order
    (settles equal ranks, larger is better) and the columns `values`. Intervals of one person never overlap. -#}
with point as (
    select person_id, valid_from as day from {{ claims }}
    union
    select person_id, valid_to as day from {{ claims }} where valid_to is not null
),

segment as (
    select
        person_id,
        day as valid_from,
        lead(day) over (partition by person_id order by day) as valid_to
    from point
),

best as (
    select
        segment.person_id,
        segment.valid_from,
        segment.valid_to,
        {%- for value in values %}
        claim.{{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    from segment
    inner join {{ claims }} as claim
        on
            segment.person_id = claim.person_id
            and segment.valid_from >= claim.valid_from
            and segment.valid_from < coalesce(claim.valid_to, date 'infinity')
    qualify
        row_number() over (
            partition by segment.person_id, segment.valid_from order by claim.claim_rank, claim.claim_order desc
        ) = 1
),

marked as (
    select
        *,
        (valid_from is distinct from lag(valid_to) over person)
        {%- for value in values %}
        or ({{ value }} is distinct from lag({{ value }}) over person)
        {%- endfor %} as begins_interval
    from best
    window person as (partition by person_id order by valid_from)
),

joined as (
    select
        *,
        sum(cast(begins_interval as integer)) over (partition by person_id order by valid_from) as interval_number
    from marked
)

select
    person_id,
    {%- for value in values %}
    any_value({{ value }}) as {{ value }},
    {%- endfor %}
    min(valid_from) as valid_from,
    if(count(*) > count(valid_to), null, max(valid_to)) as valid_to
from joined
group by person_id, interval_number
{%- endmacro %}
