{#- Incremental strategy `added_up`: a table of counts, to which the model selects what the load adds (and, below nought,
    takes away). Of columns not among `meta.sums` all together are the key. A count that changed gives way to the sum; what
    gave way stays for as long as the load may be done again, and one that is nought is no row. -#}
{% macro get_incremental_added_up_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set fresh = arg_dict['temp_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | list -%}
    {%- set sums = config.get('meta')['sums'] -%}
    {%- set keys = columns | reject('in', sums + ['known_from_seq', 'known_to_seq']) | list -%}
    {%- set seq = var('load_seq') -%}

    delete from {{ target }} where known_from_seq >= {{ seq }} or known_to_seq < {{ seq }};

    update {{ target }} set known_to_seq = null where known_to_seq >= {{ seq }};

    create or replace temporary table standing as
    select kept.rowid as place, {{ keys | join(', ') }}, {{ sums | join(', ') }}
    from {{ target }} as kept
    where
        kept.known_to_seq is null
        and kept.period in (select fresh.period from {{ fresh }} as fresh)
        and exists (select 1 from {{ fresh }} as fresh where {{ same_facts('kept', 'fresh', keys) }});

    update {{ target }} set known_to_seq = {{ seq }} where rowid in (select standing.place from standing);

    create or replace temporary table added as
    select {{ keys | join(', ') }}{% for sum in sums %}, cast(sum({{ sum }}) as bigint) as {{ sum }}{% endfor %}
    from (
        select {{ keys | join(', ') }}, {{ sums | join(', ') }} from standing
        union all
        select {{ keys | join(', ') }}, {{ sums | join(', ') }} from {{ fresh }}
    )
    group by {{ keys | join(', ') }};

    select error('{{ this.schema }}.{{ this.name }}: counts below nought, keys: ' || count(*))
    from added
    where least({{ sums | join(', ') }}) < 0
    having count(*) > 0;

    insert into {{ target }} ({{ keys | join(', ') }}, {{ sums | join(', ') }}, known_from_seq)
    select *, {{ seq }} from added where {{ sums | join(' > 0 or ') }} > 0;

    drop table standing;
    drop table added;
{% endmacro %}
