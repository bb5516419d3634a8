{#- The history of stays is read once here for all that this load computes from it. -#}
with touched as (
    select
        person_id,
        min(computed_from) as rights_from
    from (
        select
            person_id,
            null as computed_from
        from {{ ref('touched_person') }}
        union all
        select
            person_id,
            computed_from
        from {{ ref('touched_right') }}
    ) as each
    group by person_id
)

select
    stay.*,
    touched.rights_from
from ({{ wide_rows(
    ref('stay_history'), 'kept',
    '(kept.known_to_seq is null or kept.known_to_seq = ' ~ var('load_seq')
    ~ ') and kept.person_id in (select touched.person_id from touched)'
) }}) as stay
inner join touched on stay.person_id = touched.person_id
