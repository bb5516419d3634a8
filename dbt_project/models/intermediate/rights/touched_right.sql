{#- A rule that this load brought, changed or dropped is found by its versions, which tell of its treaty too. -#}
-- depends_on: {{ ref('stay_rule_history') }}, {{ ref('stay_history') }}
with changed_code as (
    select distinct unnest(citizenship) as code
    from {{ ref('stay_rule_history') }}
    where known_from_seq = {{ var('load_seq') }} or known_to_seq = {{ var('load_seq') }}
),

period as (
    select
        person_id,
        computed_from
    from {{ ref('touched_period') }}
    {%- if not (flags.FULL_REFRESH or lacks_history()) %}
    union all
    select
        person_id,
        date '-infinity' as computed_from
    from {{ ref('stay_history') }}
    where
        known_to_seq is null
        and (citizenship in (select code from changed_code) or '*' in (select code from changed_code))
    {%- endif %}
)

select
    person_id,
    min(computed_from) as computed_from
from period
group by person_id
