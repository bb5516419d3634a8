{% macro released_deltas(deltas) -%}
{#- Signed changes with the citizenship that releases show.

    A citizenship that becomes small, or no longer is, moves to its new group as a change of this load, with all its
    past: what an earlier load showed stays the sum of what was known then. -#}
select *, {{ released_citizenship('citizenship') }} as released_citizenship
from {{ ref(deltas) }}
{%- if is_incremental() %}
where known_seq = {{ var('load_seq') }}
union all
select
    delta.* replace (
        delta.change * side.sign as change, cast({{ var('load_seq') }} as integer) as known_seq, 'regrouped' as cause
    ),
    if((side.sign = 1) = regrouped.is_small, '_R', delta.citizenship) as released_citizenship
from {{ ref(deltas) }} as delta
inner join (
    select citizenship, known_from_seq = {{ var('load_seq') }} as is_small
    from {{ ref('small_citizenship_history') }}
    where
        (known_from_seq = {{ var('load_seq') }} or known_to_seq = {{ var('load_seq') }})
        and citizenship not in ('_U', 'XXB', 'XXC')
) as regrouped on delta.citizenship = regrouped.citizenship
cross join (values (1), (-1)) as side (sign)
where delta.known_seq < {{ var('load_seq') }}
{%- endif %}
{%- endmacro %}
