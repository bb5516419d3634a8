{#- Where the table of changes is made afresh, all stays of touched persons. -#}
-- depends_on: {{ ref('touched_person') }}, {{ ref('touched_stay') }}, {{ ref('person_history') }}
-- depends_on: {{ ref('person_category_history') }}, {{ ref('released_placement_history') }}
-- depends_on: {{ ref('validity_only_history') }}
{%- set load = var('load_seq') -%}
{%- if flags.FULL_REFRESH or lacks_history() or standing_table('statistics', 'stock_delta') is none %}
select
    stay_id,
    person_id
from {{ ref('touched_stay') }}
where person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
union
select
    stay_id,
    person_id
from {{ ref('validity_only_history') }}
where person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
{%- else %}
with version as (
    select
        person_id,
        sex,
        birth_date
    from {{ ref('person_history') }}
    where known_from_seq = {{ load }}
    union all
    select
        person_id,
        sex,
        birth_date
    from {{ ref('person_history') }}
    where known_to_seq = {{ load }}
),

described_otherwise as (
    select person_id
    from version
    group by person_id
    having count(*) <> 2 or count(distinct coalesce(sex, '')) + count(distinct coalesce(birth_date, '')) <> 2
),

interval_changed as (
    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('person_category_history') }}
    where known_from_seq = {{ load }}
    union all
    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('person_category_history') }}
    where known_to_seq = {{ load }}
    union all
    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('released_placement_history') }}
    where known_from_seq = {{ load }}
    union all
    select
        person_id,
        valid_from,
        valid_to
    from {{ ref('released_placement_history') }}
    where known_to_seq = {{ load }}
    union all
    select
        person_id,
        date '-infinity' as valid_from,
        null as valid_to
    from described_otherwise
),

stay_changed as (
    select
        stay_id,
        person_id
    from {{ ref('touched_stay') }}
    where known_from_seq = {{ load }} or known_to_seq = {{ load }}
    union
    select
        stay_id,
        person_id
    from {{ ref('validity_only_history') }}
    where known_from_seq = {{ load }} or known_to_seq = {{ load }}
)

select
    stay_id,
    person_id
from stay_changed
union
select
    stay_id,
    person_id
from {{ ref('touched_stay') }}
where
    known_to_seq is null and entered_on is null
    and person_id in (select interval_changed.person_id from interval_changed)
union
select
    stay.stay_id,
    stay.person_id
from {{ ref('touched_stay') }} as stay
inner join interval_changed on stay.person_id = interval_changed.person_id
where
    stay.known_to_seq is null
    and coalesce(interval_changed.valid_from < stay.ended_on, true)
    and coalesce(stay.first_sign_on < interval_changed.valid_to, true)
union
select
    held.stay_id,
    held.person_id
from {{ ref('validity_only_history') }} as held
inner join interval_changed on held.person_id = interval_changed.person_id
where held.known_to_seq is null
{%- endif %}
