{% macro likely_birth_day(partial) -%}
{#- A day for a birth date that may be partial: the middle of the known year or month. 29 February counts as the 28th,
    so that a birthday exists every year. -#}
case length({{ partial }})
    when 4 then try_cast({{ partial }} || '-07-02' as date)
    when 7 then try_cast({{ partial }} || '-15' as date)
    when 10 then try_cast(replace({{ partial }}, '-02-29', '-02-28') as date)
end
{%- endmacro %}

{% macro stock_versions() -%}
{#- What `stock_contributions` reads of changed stays and their persons, as known after this load and before it: each
    history is read once for both. -#}
stay_fact as (
    select *, false as is_held from {{ ref('touched_stay') }}
    where
        {{ is_of_part(['person_id']) }}
        and stay_id in (select changed.stay_id from {{ ref('changed_stay') }} as changed)
    union all by name
    select
        stay_id, person_id, citizenship, presence_class, valid_from as first_sign_on,
        cast(valid_from + interval 5 year as date) as last_sign_on, valid_to as ended_on, is_first, true as is_held,
        known_from_seq, known_to_seq
    from {{ ref('validity_only_history') }}
    where
        {{ is_of_part(['person_id']) }}
        and stay_id in (select changed.stay_id from {{ ref('changed_stay') }} as changed)
),

-- Where somebody was before all that changed is not asked.
reached as (
    select person_id, min(first_sign_on) as since from stay_fact group by person_id
),

{% for fact, history in {'person_fact': 'person_history', 'category_fact': 'person_category_history'}.items() -%}
{{ fact }} as (
    select * from {{ ref(history) }}
    where
        (known_to_seq is null or known_to_seq = {{ var('load_seq') }})
        and person_id in (select reached.person_id from reached)
),

{% endfor -%}
placement_fact as (
    select kept.*
    from {{ ref('released_placement_history') }} as kept
    inner join reached on kept.person_id = reached.person_id and coalesce(reached.since < kept.valid_to, true)
    where kept.known_to_seq is null or kept.known_to_seq = {{ var('load_seq') }}
)
{%- endmacro %}

{% macro stock_contributions(seq) -%}
{#- One row per change of the stock that a changed stay makes, as known at load `seq`; `stock_versions` goes before it.

    A stay counts from its first day to the day before it ended, as present_confirmed on the 90 days after each sign
    of life and as presence_unknown on the others; as silent, too, from the day after the last sign on where nothing
    recorded how it ended. A stay whose entry was not recorded has rows `unseen` for the days before its first sign,
    back to the exit before it or to the end of a citizenship of Kazakhstan, described as on that sign, or as on the
    day before a citizenship that the person has on that sign and that ends the rows, and placed where the person is
    first known to be from that sign on; none where that sign comes after a death. Where that sign is the exit, there
    are the same rows of class `unheard`, too, for those who left unrecorded before any sign: nobody knows of whom
    they are, so their like stand for them. Who is known by papers alone counts on their days, as presence_unknown and
    as silent since the day before, and as unseen before the first of them. All are cut wherever a dimension of the
    person changes; each part adds one on its first day and takes one away on the day after its last. Days lie in the
    future where nothing has ended the stay, so the passing of time rewrites nothing.

    The outer joins compare plain columns, with 9999-12-31 for an open end: with any other condition the engine
    compares every pair of rows. -#}
with changed as (
    select
        stay.stay_id, stay.person_id, stay.signs_on, stay.entered_on, stay.first_sign_on, stay.last_sign_on,
        stay.ended_on, stay.died_on, stay.purpose, stay.citizenship, stay.is_held, stay.is_first,
        if(stay.is_held, stay.first_sign_on - 1, {{ silent_since('stay') }}) as silent_since,
        stay.ended_unknown_on as returned_on, stay.absent_on,
        coalesce(stay.presence_class, {{ presence_class('stay') }}) as presence_class,
        coalesce(stay.presence_class, {{ unseen_class('stay') }}) as unseen_class,
        not stay.is_held and coalesce({{ is_first_heard_of_by_exit('stay') }}, false) as by_exit,
        person.sex, {{ likely_birth_day('person.birth_date') }} as born_on,
        coalesce(told.cause, 'other') as cause
    from stay_fact as stay
    left join person_fact as person
        on stay.person_id = person.person_id and {{ known_at('person', seq) }}
    left join {{ ref('touched_cause') }} as told on stay.person_id = told.person_id
    where {{ known_at('stay', seq) }}
),

stay as (
    select * from changed where coalesce(first_sign_on < ended_on, true)
),

category as (
    select person_id, category, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
    from category_fact as category
    where {{ known_at('category', seq) }}
),

unseen as (
    select
        changed.*,
        max(citizen.valid_to) filter (where citizen.valid_to <= changed.first_sign_on) as citizen_until,
        max(citizen.valid_from) filter (where citizen.valid_to > changed.first_sign_on) as citizen_from
    from changed
    left join category as citizen
        on
            changed.person_id = citizen.person_id and citizen.category in ('citizen_mover', 'emigrant')
            and citizen.valid_from <= changed.first_sign_on
    where
        changed.entered_on is null and (changed.is_first or not changed.is_held)
        and coalesce(changed.first_sign_on < changed.died_on, true)
    group by all
),

placement as (
    select person_id, region, district, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
    from placement_fact as placement
    where {{ known_at('placement', seq) }}
),

unseen_place as (
    {{ first_places('unseen', ['stay_id'], 'first_sign_on', 'placement', ['region', 'district']) }}
),

sign as (
    select stay_id, ended_on, unnest(signs_on) as sign_on from stay
),

spell as (
    select
        stay_id,
        sign_on,
        least(lead(sign_on) over (partition by stay_id order by sign_on), ended_on) as next_on
    from sign
),

phase as (
    select stay_id, sign_on as starts_on, least(sign_on + 91, next_on) as ends_on, 'present_confirmed' as indicator
    from spell
    union all
    select stay_id, sign_on + 91 as starts_on, next_on as ends_on, 'presence_unknown' as indicator
    from spell where coalesce(sign_on + 91 < next_on, true)
    union all
    select stay_id, first_sign_on as starts_on, ended_on as ends_on, 'presence_unknown' as indicator
    from stay where is_held
    union all
    select stay_id, silent_since + 1 as starts_on, ended_on as ends_on, 'silent' as indicator
    from stay where silent_since is not null and coalesce(silent_since + 1 < ended_on, true)
),

-- One birthday after the last sign: who is silent for longer stays as old as then, and grows older with the next sign.
birthday as (
    select
        stay_id,
        cast(born_on + to_years(cast(unnest(range(
            date_sub('year', born_on, first_sign_on) // 5 * 5 + 5, date_sub('year', born_on, last_sign_on) + 6, 5
        )) as integer)) as date) as day
    from stay
    where born_on <= first_sign_on
),

cut as (
    select stay_id, first_sign_on as day from stay
    union
    select stay_id, starts_on as day from phase
    union
    select stay_id, day from birthday
    union
    select stay.stay_id, category.valid_from as day
    from stay inner join category on stay.person_id = category.person_id and stay.first_sign_on < category.valid_from
    union
    select stay.stay_id, placement.valid_from as day
    from stay inner join placement on stay.person_id = placement.person_id and stay.first_sign_on < placement.valid_from
    union
    select stay.stay_id, placement.valid_to as day
    from stay inner join placement on stay.person_id = placement.person_id and stay.first_sign_on < placement.valid_to
    where placement.valid_to < date '9999-12-31'
),

part as (
    select
        stay.*,
        cut.day as starts_on,
        coalesce(lead(cut.day) over (partition by stay.stay_id order by cut.day), stay.ended_on) as ends_on
    from cut
    inner join stay
        on
            cut.stay_id = stay.stay_id and cut.day >= stay.first_sign_on
            and coalesce(cut.day < stay.ended_on, true)
),

described as (
    select
        part.starts_on,
        part.ends_on,
        coalesce(part.citizenship, '_U') as citizenship,
        coalesce(part.sex, '_U') as sex,
        {{ age_group('part.born_on', 'part.starts_on') }} as age_group,
        coalesce(category.category, 'foreigner') as category,
        coalesce(placement.region, '_U') as region,
        coalesce(placement.district, '_U') as district,
        coalesce(part.purpose, '_U') as purpose,
        phase.indicator,
        if(phase.indicator = 'silent', part.presence_class, null) as presence_class,
        if(phase.indicator = 'silent', part.silent_since, null) as silent_since,
        if(phase.indicator = 'silent', part.returned_on, null) as returned_on,
        part.cause
    from part
    inner join phase
        on
            part.stay_id = phase.stay_id and part.starts_on >= phase.starts_on
            and coalesce(part.starts_on < phase.ends_on, true)
    left join category
        on
            part.person_id = category.person_id and part.starts_on >= category.valid_from
            and part.starts_on < category.valid_to
    left join placement
        on
            part.person_id = placement.person_id and part.starts_on >= placement.valid_from
            and part.starts_on < placement.valid_to
    where coalesce(category.category, 'foreigner') not in ('citizen_mover', 'emigrant')
    union all
    select
        greatest(
            coalesce(unseen.absent_on, cast(unseen.first_sign_on - {{ longest_silence() }} as date)), unseen.citizen_until
        ) as starts_on,
        coalesce(unseen.citizen_from, unseen.first_sign_on) as ends_on,
        coalesce(unseen.citizenship, '_U') as citizenship,
        coalesce(unseen.sex, '_U') as sex,
        {{ age_group('unseen.born_on', 'unseen.first_sign_on') }} as age_group,
        coalesce(category.category, 'foreigner') as category,
        coalesce(unseen_place.region, '_U') as region,
        coalesce(unseen_place.district, '_U') as district,
        coalesce(unseen.purpose, '_U') as purpose,
        'unseen' as indicator,
        unnest(
            if(unseen.by_exit, [unseen.unseen_class, {{ unheard_class('unseen.unseen_class') }}], [unseen.unseen_class])
        ) as presence_class,
        unseen.first_sign_on as silent_since,
        unseen.absent_on as returned_on,
        unseen.cause
    from unseen
    left join category
        on
            unseen.person_id = category.person_id
            and coalesce(unseen.citizen_from - 1, unseen.first_sign_on) >= category.valid_from
            and coalesce(unseen.citizen_from - 1, unseen.first_sign_on) < category.valid_to
    left join unseen_place on unseen.stay_id = unseen_place.stay_id
    where
        coalesce(category.category, if(unseen.citizen_from is null, 'foreigner', 'citizen_mover'))
        not in ('citizen_mover', 'emigrant')
        and coalesce(
            greatest(unseen.absent_on, unseen.citizen_until) < coalesce(unseen.citizen_from, unseen.first_sign_on), true
        )
)

select * exclude (starts_on, ends_on), starts_on as valid_day, 1 as change from described
union all
select * exclude (starts_on, ends_on), ends_on as valid_day, -1 as change from described where ends_on is not null
{%- endmacro %}

{% macro age_group(born_on, day) -%}
{#- Five-year group of the age in completed years, `_U` where the birth date is not known. -#}
case
    when {{ born_on }} is null or {{ born_on }} > {{ day }} then '_U'
    when date_sub('year', {{ born_on }}, {{ day }}) >= 85 then '85+'
    else
        format(
            '{:02d}-{:02d}', date_sub('year', {{ born_on }}, {{ day }}) // 5 * 5,
            date_sub('year', {{ born_on }}, {{ day }}) // 5 * 5 + 4
        )
end
{%- endmacro %}

{% macro stock_dimensions() -%}
{{ return(['citizenship', 'sex', 'age_group', 'category', 'region', 'district', 'purpose']) }}
{%- endmacro %}

{% macro silence_columns() -%}
{#- What rows `silent` and `unseen` say beside the dimensions; empty in all others. -#}
{{ return(['presence_class', 'silent_since', 'returned_on']) }}
{%- endmacro %}

{#- Incremental strategy `signed_deltas`: what this load changed, instead of what it had changed before. -#}
{% macro get_incremental_signed_deltas_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where known_seq >= {{ var('load_seq') }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
