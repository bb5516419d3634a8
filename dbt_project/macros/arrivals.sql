{% macro told_versions(entry, condition) -%}
{#- One row per row version of a scheduled feed that meets a condition, with where it says it is from. -#}
select
    '{{ entry.feed }}' as feed,
    record_id,
    delivery_id,
    business_date,
    happened_on,
    {{ "coalesce(left(kato, 2), '_U')" if entry.has_kato else "'_T'" }} as region_digits,
    {{ "coalesce(post_code, '_U')" if entry.has_post else "'_T'" }} as post_code,
    is_citizen_stripped,
    outcome,
    known_from_seq,
    known_to_seq
from {{ source('raw', entry.feed) }}
where {{ condition }}
{%- endmacro %}

{% macro settled_records(feed, changed_only=false) -%}
{#- Records of a feed that several deliveries tell of, or of a delivery that does not stand; those of this load alone. -#}
(
    select settled.record_id from {{ source('intake', 'standing') }} as settled
    where settled.feed = '{{ feed }}'
    {%- if changed_only %}
    and settled.record_id in (
        select changed.record_id from {{ source('intake', 'changed_record') }} as changed
        where changed.feed = '{{ feed }}'
    )
    {%- endif %}
)
{%- endmacro %}

{% macro first_told(versions, seq) -%}
{#- One row per record of `versions`, which have their rank: the first, in the order of the deliveries, that told of it, as
    known at load `seq`. None where every delivery that told of it was withdrawn or lost its name. -#}
select *
from {{ versions }} as told
where {{ known_at('told', seq) }} and outcome not in ('name_reused', 'record_id_reused', 'reused_cleared')
qualify
    row_number() over (partition by feed, record_id order by rank) = 1
    and bool_or(outcome <> 'withdrawn') over (partition by feed, record_id)
{%- endmacro %}
