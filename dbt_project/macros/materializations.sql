{#- A view is replaced in one statement; dbt's own way makes it beside the old one and renames twice. -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- do replace_relation(target) -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A table is replaced in one statement, too; dbt's own way looks up constraints, indexes and grants, of which no table
    here has any, and renames twice. -#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- do replace_relation(target) -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A table that stands takes in what a load brings by the model's strategy, in one transaction. What the model selected
    is dropped at once: dbt's own way keeps it until the last model is done. Statements go to the engine together and
    columns are asked for once, since a small load costs by the statement. -#}
{% materialization incremental, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- if is_incremental() -%}
        {%- set fresh = make_temp_relation(target).include(database=False, schema=False) -%}
        {%- call statement('fresh', auto_begin=False) -%}
            {{ in_parts('temporary table', fresh) }}
            {{ demand_keys(fresh) }}
        {%- endcall -%}
        {%- set columns = adapter.get_column_schema_from_query('select * from ' ~ fresh) -%}
        {%- do fit_columns(target, fresh, columns) if not var('project_stands', false) -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
        {%- call statement('main') -%}
            {{ strategy({'target_relation': target, 'temp_relation': fresh, 'dest_columns': columns}) }}
            drop table {{ fresh }};
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- else -%}
        {%- do replace_relation(target) -%}
        {%- set demanded = demand_keys(target) -%}
        {%- do run_query(demanded) if demanded | trim -%}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- What a change of the project may have changed: the contract holds, and columns that a standing table lacks are added. -#}
{% macro fit_columns(target, fresh, columns) %}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent('select * from ' ~ fresh) }}
    {%- endif -%}
    {%- set known = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- set added = columns | rejectattr('name', 'in', known) | list -%}
    {%- do alter_relation_add_remove_columns(target, added, none) if added -%}
{% endmacro %}

{% macro demand_keys(fresh) %}
{#- Statements that stop the load where what a model selected lacks its `unique_key` or has it twice, or lies outside of
    the scope of its history. Rows that stand in scope give way to these, so nothing else can share a key with them: no
    table needs to be read as a whole. -#}
    {%- set key = config.get('unique_key') or [] -%}
    {%- set keeps_history = is_incremental() and config.get('incremental_strategy') == 'bitemporal' -%}
    {%- if key %}
select error('{{ this.schema }}.{{ this.name }}: rows lack {{ key | join(', ') }} or share it, keys: ' || count(*))
from (
    select 1 from {{ fresh }} group by {{ key | join(', ') }}
    having count(*) > 1 or {{ key | join(' is null or ') }} is null
) as broken
having count(*) > 0;
    {%- endif %}
    {%- if keeps_history %}
select error('{{ this.schema }}.{{ this.name }}: rows of keys that the load does not touch: ' || count(*))
from {{ fresh }} as fresh
where fresh.rowid not in (select fresh.rowid from {{ fresh }} as fresh {{ within_scope('fresh') }})
having count(*) > 0;
    {%- endif %}
{% endmacro %}

{% macro replace_relation(target) %}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing is not none and standing.type != target.type -%}
        {%- do adapter.drop_relation(standing) -%}
    {%- endif -%}
    {%- if config.get('contract').enforced and not var('project_stands', false) -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {%- call statement('main', auto_begin=False) -%}
        {{ in_parts('or replace ' ~ target.type, target) }}
    {%- endcall -%}
{% endmacro %}

{% macro in_parts(kind, relation) -%}
{#- Statements that create a relation of what the model selects: at once, or where `meta.in_parts_by` names a table,
    in as many parts as that has rows for (`meta.rows_of_part` to a part), each with `is_of_part`. That bounds what a large
    load needs of memory. -#}
    {%- set parts = number_of_parts() -%}
    {%- if parts > 1 %}
set variable parts = {{ parts }};
set variable part = 0;
    {%- endif %}
create {{ kind }} {{ relation }} as (
    {{ sql }}
);
    {%- for part in range(1, parts) %}
set variable part = {{ part }};
insert into {{ relation }} {{ sql }};
    {%- endfor %}
    {%- if parts > 1 %}
reset variable parts;
reset variable part;
    {%- endif %}
{%- endmacro %}

{% macro number_of_parts() -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- set counted = meta.get('in_parts_by') -%}
    {%- if not execute or not counted -%}{{ return(1) }}{%- endif -%}
    {%- set rows = var('rows_of_part', meta.get('rows_of_part', 400000)) -%}
    {{ return(1 + run_query('select count(*) from ' ~ ref(counted)).columns[0][0] // rows) }}
{%- endmacro %}

{% macro is_of_part(columns) -%}
{#- Whether a row is of the part that is being made. Where the model groups by the columns, no group lies in two parts;
    else it is summed up part by part. Of one part alone the engine hashes nothing: it knows the number when it plans. -#}
(
    coalesce(getvariable('parts'), 1) = 1
    or hash({{ columns | join(', ') }}) % cast(coalesce(getvariable('parts'), 1) as ubigint)
    = cast(coalesce(getvariable('part'), 0) as ubigint)
)
{%- endmacro %}
