{{ config(materialized='incremental', incremental_strategy='signed_deltas') }}
{#- Who was here as the border began to tell and left on record before anything else was heard, is first heard of
    by that exit. To these some left as early by an exit that nobody recorded, and are first heard of as they come
    back, or never: as many to one as, of those who came back, the unrecorded to the others. Five of a hundred hold
    the number where few came back; it is kept while it is within chance, for each change writes curves anew. -#}

with came_back as (
    select
        coalesce(sum(change) filter (where ending = 'unrecorded_back'), 0) + 5 as unrecorded,
        coalesce(sum(change) filter (where ending = 'recorded_back'), 0) + 95 as recorded
    from {{ ref('ended_stay_delta') }}
),

kept as (
    {% if is_incremental() %}
    select
        max_by(to_a_recorded, known_seq) as to_a_recorded,
        max_by(sway, known_seq) as sway
    from {{ this }}
    where known_seq < {{ var('load_seq') }}
    {% else %}
    select
        cast(null as double) as to_a_recorded,
        cast(null as double) as sway
    {% endif %}
),

-- How often exits are lost of those who were never heard of may differ from home to home as other odds do.
told as (
    select
        came_back.unrecorded / came_back.recorded as to_a_recorded,
        sqrt(1 / came_back.unrecorded + power(model.apart, 2)) as sway,
        coalesce(
            abs(ln(kept.to_a_recorded * came_back.recorded / came_back.unrecorded)) <= sqrt(1 / came_back.unrecorded),
            false
        ) as is_kept,
        kept.to_a_recorded as to_a_recorded_before,
        kept.sway as sway_before
    from came_back
    cross join kept
    cross join {{ model_in_use() }} as model
)

select
    if(is_kept, to_a_recorded_before, round(to_a_recorded, 4)) as to_a_recorded,
    if(is_kept and sway_before between sway / 1.5 and sway * 1.5, sway_before, round(sway, 4)) as sway,
    cast({{ var('load_seq') }} as integer) as known_seq
from told
