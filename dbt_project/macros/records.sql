{% macro current_records(feed) -%}
{#- The current version of every record of a feed. -#}
select raw.*
from {{ source('raw', feed) }} as raw
where raw.outcome = 'current' and raw.known_to_seq is null
{%- endmacro %}

{% macro registered_records(feed) -%}
{#- The last version of every record that a register ever listed. What vanished from it is closed, not deleted: the
    figures of its days keep its place and name. `closed_on` is then the day before the register that lacks it, which
    may be of the same day as the one that had it. -#}
select
    raw.* replace (
        coalesce(raw.closed_on, if(raw.outcome = 'superseded', (
            select min_by(later.business_date, later.rank) - 1
            from {{ source('intake', 'ranking') }} as later
            where
                later.feed = '{{ feed }}' and later.kind = 'snapshot' and later.fate is null
                and later.rank > delivery.rank
        ), null)) as closed_on
    )
from {{ source('raw', feed) }} as raw
inner join {{ source('intake', 'ranking') }} as delivery on raw.delivery_id = delivery.delivery_id
where raw.outcome in ('current', 'superseded') and raw.known_to_seq is null
qualify row_number() over (partition by raw.record_id order by raw.outcome = 'current' desc, delivery.rank desc) = 1
{%- endmacro %}

{% macro known_code(column) -%}
{#- The code in a column of a record, `_U` where there is none or the contract does not know it: what stands in place of a
    code may be any words. -#}
if(list_contains(flags, 'unknown_code:{{ column }}'), '_U', coalesce({{ column }}, '_U'))
{%- endmacro %}

{% macro changed_records(feed) -%}
{#- Current versions of the records that this load changed; of all records where the model is built afresh.
    A changed record's version mostly arrived in this load, and only those files are read; an older version that
    holds again (its successor was withdrawn), or whose words a steward parts from the same words of another record, is
    looked for only where there is one. `parted_as` is empty but for records that a steward keeps apart. -#}
{%- set parted = "(select part.record_id, part.feed || '/' || part.record_id as parted_as from "
    ~ source('intake', 'parted_record') ~ " as part where part.feed = '" ~ feed ~ "' and part.known_to_seq is null)" -%}
{% if not is_incremental() -%}
select raw.*, parted.parted_as
from ({{ current_records(feed) }}) as raw
left join {{ parted }} as parted on raw.record_id = parted.record_id
{%- else -%}
select arrived.*, parted.parted_as
from {{ source('raw', feed) }} as arrived
inner join {{ source('intake', 'changed_record') }} as changed
    on changed.feed = '{{ feed }}' and arrived.record_id = changed.record_id
left join {{ parted }} as parted on arrived.record_id = parted.record_id
where arrived.load_seq = {{ var('load_seq') }} and arrived.outcome = 'current' and arrived.known_to_seq is null
union all
select reopened.*, parted.parted_as
from {{ source('raw', feed) }} as reopened
inner join (
    select changed.record_id
    from {{ source('intake', 'changed_record') }} as changed
    where
        changed.feed = '{{ feed }}'
        and changed.record_id not in (
            select arrived.record_id
            from {{ source('raw', feed) }} as arrived
            where
                arrived.load_seq = {{ var('load_seq') }} and arrived.outcome = 'current'
                and arrived.known_to_seq is null
        )
) as candidate on reopened.record_id = candidate.record_id
left join {{ parted }} as parted on reopened.record_id = parted.record_id
where reopened.load_seq < {{ var('load_seq') }} and reopened.outcome = 'current' and reopened.known_to_seq is null
{%- endif %}
{%- endmacro %}

{% macro identity_columns() -%}
{#- What makes an observation. Birth place and expiry of the document are left out: they decide no identity. -#}
{{ return([
    'surname', 'given_names', 'patronymic', 'full_name', 'former_names', 'surname_latin', 'given_names_latin',
    'birth_date', 'sex', 'citizenship', 'birth_country', 'document_type', 'document_number', 'document_state', 'iin',
]) }}
{%- endmacro %}

{% macro observation_id() -%}
{#- 64 bits of the identity tuple as written, and of the record where a steward keeps it apart from others of the same
    tuple; NULL where the identity was dropped at the door. -#}
case
    when not is_citizen_stripped
        then
            md5_number_lower(
                concat_ws(
                    chr(31)
                    {%- for column in identity_columns() -%}
                    , coalesce({{ column }}, '')
                    {%- endfor -%}
                    , parted_as
                )
            )
end
{%- endmacro %}

{% macro is_seen(feed) -%}
{#- Condition: a record of the feed tells of a person who was seen, not of one who is announced. -#}
{{ feed }} not in (
    {%- for entry in person_feeds() if entry['announces'] %}'{{ entry["feed"] }}', {% endfor %}''
)
{%- endmacro %}

{% macro opened_now() -%}
{#- The two known-time columns of a row that this load opens. -#}
cast({{ var('load_seq') }} as integer) as known_from_seq,
    cast(null as integer) as known_to_seq
{%- endmacro %}

{% macro known_at(relation, seq) -%}
{#- Condition: the row of `relation` was known at load `seq`. -#}
{{ relation }}.known_from_seq <= {{ seq }}
    and ({{ relation }}.known_to_seq is null or {{ relation }}.known_to_seq > {{ seq }})
{%- endmacro %}
