{#- Incremental strategy `bitemporal`: a table of facts with known_from_seq and known_to_seq.

    The model selects the rows that hold now for the keys in scope. Rows of these keys that no longer hold are
    closed with this load, new ones are opened, equal ones stay as they are. Doing a load again gives the same table:
    what carries its number goes first. The table is read once, for the rows that stand in scope: for their places first,
    since the engine would read every column of all rows where a join decides.

    `meta.scope` says which keys the load touches: `person` (touched_person), `period` (touched_period, by the day in the
    column `meta.since`), `right` and `member` (touched_right and touched_member, by the same), `record` (changed
    records of the feed `meta.feed`), `changed` (changed records of all feeds), `link` (these and those of observations that changed hands) or `all`. -#}
{% macro get_incremental_bitemporal_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set fresh = arg_dict['temp_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | list -%}
    {%- set facts = columns | reject('in', ['"known_from_seq"', '"known_to_seq"']) | list -%}
    {%- set seq = var('load_seq') -%}

    delete from {{ target }} where known_from_seq >= {{ seq }};

    update {{ target }} set known_to_seq = null where known_to_seq >= {{ seq }};

    create or replace temporary table standing as
    select kept.rowid as place, {{ facts | join(', ') }}
    from {{ target }} as kept
    where kept.rowid in (
        select found.rowid from {{ target }} as found {{ within_scope('found') }}
        where found.known_to_seq is null
    );

    update {{ target }} set known_to_seq = {{ seq }}
    where rowid in (
        select standing.place from standing
        where not exists (select 1 from {{ fresh }} as fresh where {{ same_facts('standing', 'fresh', facts) }})
    );

    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }}
    from {{ fresh }} as fresh
    where not exists (select 1 from standing where {{ same_facts('standing', 'fresh', facts) }});

    drop table standing;
{% endmacro %}

{% macro same_facts(left, right, columns) -%}
    {%- for column in columns -%}
        {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
        {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro within_scope(row) -%}
{#- Join that keeps rows of keys that the load touches, and of persons from the day on from which it does. A condition with
    EXISTS would make the engine look at each day of each person first, one of pairs of columns would compare them as
    one value. -#}
    {%- set meta = config.get('meta') -%}
    {%- if meta['scope'] == 'person' -%}
        semi join {{ ref('touched_person') }} as scope on {{ row }}.person_id = scope.person_id
    {%- elif meta['scope'] in ('period', 'right', 'member') -%}
        semi join {{ ref('touched_' ~ meta['scope']) }} as scope
            on {{ row }}.person_id = scope.person_id and {{ row }}.{{ meta['since'] }} >= scope.computed_from
    {%- elif meta['scope'] == 'record' -%}
        semi join {{ source('intake', 'changed_record') }} as scope
            on {{ row }}.record_id = scope.record_id and scope.feed = '{{ meta['feed'] }}'
    {%- elif meta['scope'] == 'changed' -%}
        semi join {{ source('intake', 'changed_record') }} as scope
            on {{ row }}.feed = scope.feed and {{ row }}.record_id = scope.record_id
    {%- elif meta['scope'] == 'link' -%}
        semi join {{ ref('touched_record') }} as scope
            on {{ row }}.feed = scope.feed and {{ row }}.record_id = scope.record_id
    {%- elif meta['scope'] != 'all' -%}
        {{ exceptions.raise_compiler_error('no scope ' ~ meta['scope']) }}
    {%- endif -%}
{%- endmacro %}

{#- Incremental strategy `changed_records`: the changed records of a feed give way to their current version. -#}
{% macro get_incremental_changed_records_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where rowid in (
        select kept.rowid from {{ arg_dict['target_relation'] }} as kept {{ within_scope('kept') }}
    );

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
