{#- A rule that this load brought, changed or dropped is found by its versions, which tell of its treaty too. -#}
{#- Of whom only crossings, notifications or months worked changed, rights can change no earlier than stays did. -#}
-- depends_on: {{ ref('stay_rule_history') }}, {{ ref('stay_history') }}
{%- if flags.FULL_REFRESH or lacks_history() %}
select
    person_id,
    computed_from
from {{ ref('touched_period') }}
{%- else %}
with changed_code as (
    select distinct unnest(citizenship) as code
    from {{ ref('stay_rule_history') }}
    where known_from_seq = {{ var('load_seq') }} or known_to_seq = {{ var('load_seq') }}
),

period as (
    select
        person_id,
        date '-infinity' as computed_from
    from {{ ref('touched_period') }}
    where changed_since = date '-infinity'
    union all
    select
        person_id,
        first_sign_on as computed_from
    from {{ ref('stay_history') }}
    where known_from_seq = {{ var('load_seq') }}
    union all
    select
        person_id,
        first_sign_on as computed_from
    from {{ ref('stay_history') }}
    where known_to_seq = {{ var('load_seq') }}
    union all
    select
        person_id,
        date '-infinity' as computed_from
    from {{ ref('stay_history') }}
    where
        known_to_seq is null
        and (citizenship in (select code from changed_code) or '*' in (select code from changed_code))
)

select
    person_id,
    min(computed_from) as computed_from
from period
group by person_id
{%- endif %}
