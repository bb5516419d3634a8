{#- What a home itself says of presence, beside the frozen model: how its stays begin and end, and the odds from these. -#}

{% macro moved_stays() -%}
{#- Stays of touched persons whose place among the stays of the person may count otherwise since this load: from the one
    before the first that has changed. `begun_stays` and `ended_stays` ask a stay about the one before it and after it. -#}
{%- set load = var('load_seq') -%}
{%- if is_incremental() -%}
select stay.*
from {{ ref('touched_stay') }} as stay
inner join (
    select
        each.person_id,
        max(each.first_sign_on) filter (where each.first_sign_on < changed.first_sign_on) as before_it,
        any_value(changed.first_sign_on) as first_sign_on
    from {{ ref('touched_stay') }} as each
    inner join (
        select person_id, min(first_sign_on) as first_sign_on
        from {{ ref('touched_stay') }}
        where known_from_seq = {{ load }} or known_to_seq = {{ load }}
        group by person_id
    ) as changed on each.person_id = changed.person_id
    group by each.person_id
) as moved
    on stay.person_id = moved.person_id and stay.first_sign_on >= coalesce(moved.before_it, moved.first_sign_on)
{%- else -%}
select * from {{ ref('touched_stay') }}
{%- endif -%}
{%- endmacro %}

{% macro begun_stays(seq) -%}
{#- One row per way in which stays of `moved_stay` begin and, of a first stay by an entry, day of its next sign, as known at
    load `seq`; `change` counts them. A first stay by an entry counts once another sign has followed: without its entry
    it would not be known before. A return counts once it has ended on record: of those who are still here only they are
    known who lost no entry, and what was written down between two stays begins none. -#}
select
    if(is_later, 'return', 'first') || if(entered_on is null, '_without_entry', '_by_entry') as beginning,
    if(is_later or entered_on is null, null, next_sign_on) as next_sign_on,
    count(*) as change
from (
    select
        entered_on,
        left_on,
        is_born_here,
        coalesce(signs_on[2], left_on) as next_sign_on,
        coalesce(lag(true) over in_order, false) as is_later,
        lag(left_on) over in_order as left_before_on
    from moved_stay as stay
    where {{ known_at('stay', seq) }}
    window in_order as (partition by person_id order by first_sign_on, last_sign_on, stay_id)
) as placed
where
    not is_born_here
    and if(
        is_later, left_before_on is not null and left_on is not null, entered_on is null or next_sign_on is not null
    )
group by all
{%- endmacro %}

{% macro weighed_chance(chance, odds) -%}
{#- A chance of the model before a first sign, where the odds to have been here on the first day are `odds` times its own.
    `unseen` is the window of all bands of one time unseen, of which the first is that of the sign. Who was not here on the
    first day has come by another with the same chance as before. -#}
{%- set sign = 'cast(first_value(' ~ chance ~ ') over unseen as double)' -%}
{%- set start = 'cast(last_value(' ~ chance ~ ') over unseen as double)' -%}
{%- set here = '(' ~ start ~ ' * ' ~ odds ~ ' / (' ~ sign ~ ' - ' ~ start ~ ' + ' ~ start ~ ' * ' ~ odds ~ '))' -%}
cast(
    if(
        {{ odds }} = 1 or {{ sign }} = {{ start }}, {{ chance }},
        {{ sign }} * ({{ here }} + (1 - {{ here }})
        * (cast({{ chance }} as double) - {{ start }}) / ({{ sign }} - {{ start }}))
    ) as decimal(5, 4)
)
{%- endmacro %}

{% macro model_in_use() -%}
{#- The model of presence that the load uses: `apart`, how far the odds of homes lie apart beyond its bounds. -#}
(
        select apart
        from {{ source('presence', 'model') }}
        where known_to_seq is null
    )
{%- endmacro %}

{% macro is_first_heard_of_by_exit(stay) -%}
{#- Whether the first sign of a stay is its recorded exit, and nobody knows of an exit before it: the person had come
    unrecorded, or was here as the border began to tell. -#}
({{ stay }}.entered_on is null and {{ stay }}.absent_on is null and {{ stay }}.first_sign_on = {{ stay }}.left_on)
{%- endmacro %}

{% macro unheard_class(presence_class) -%}
{#- Class of those who left unrecorded before any record told of them, to one of the given class who left on record. -#}
{{ presence_class }} || ':unheard'
{%- endmacro %}

{% macro ended_stays(seq) -%}
{#- One row per way in which stays of `moved_stay` ended, group of classes and, where nobody came back, last sign before
    the exit, as known at load `seq`; `change` counts them. An exit that was the only record of its stay is left out: had it gone unrecorded, nobody would be silent. Who came
    back counts from entry to entry: signs between two absences are often of no stay. -#}
select
    {{ class_group(presence_class('placed')) }} as class_group,
    case
        when left_on is null then 'unrecorded_back'
        when next_sign_on is null then 'recorded_away'
        else 'recorded_back'
    end as ending,
    if(
        left_on is not null and next_sign_on is null,
        coalesce(list_filter(signs_on, lambda day: day < left_on)[-1], left_on), null
    ) as silent_since,
    count(*) as change
from (
    select
        stay.*,
        lead(entered_on) over in_order as next_entered_on,
        lead(first_sign_on) over in_order as next_sign_on
    from moved_stay as stay
    where {{ known_at('stay', seq) }}
    window in_order as (partition by person_id order by first_sign_on, last_sign_on, stay_id)
) as placed
where
    case
        when left_on is null then entered_on is not null and ended_unknown_on is not null and next_entered_on is not null
        when next_sign_on is null then entered_on is not null or first_sign_on < left_on
        else entered_on is not null and next_entered_on is not null
    end
group by all
{%- endmacro %}

{% macro stays_that_ended(stays) -%}
{#- A number of rows of `ended_stay_delta`, of which fewer than none stop the load with a word of what is wrong: as a number
    that exits are looked for by, it would end in a logarithm of nothing. -#}
if(
    {{ stays }} < 0,
    error(
        'intermediate.ended_stay_delta: ' || {{ stays }} || ' stays of ' || class_group || ' ended as ' || ending
        || coalesce(' after a last sign on ' || silent_since, '')
        || '. Its changes contradict each other; make the database anew by mic rebuild --replace'
    ),
    {{ stays }}
)
{%- endmacro %}

{% macro class_group(presence_class) -%}
{#- Purpose and group of nationality of a class, whether a number is known, and how long the person used to stay, where
    that is known. -#}
regexp_replace({{ presence_class }}, '[:_](new|known)$', '')
{%- endmacro %}

{% macro habit_of(class_group) -%}
{#- How long the persons of a group used to stay; empty where that is not known. -#}
split_part({{ class_group }}, ':', 3)
{%- endmacro %}

{% macro gone_chance(chance, odds) -%}
{#- The chance to have left of one who is here by a chance of the model, where the odds to have left are `odds` times its
    own. -#}
(1 - {{ chance }}) * ({{ odds }}) / ({{ chance }} + (1 - {{ chance }}) * ({{ odds }}))
{%- endmacro %}

{% macro scatter_of(chance, dispersion=1) -%}
{#- By how much one person adds to the variance of the number of those who are here. Where exits are lost in clumps, a
    dispersion may be a number of hundreds. -#}
cast({{ chance }} * (1 - {{ chance }}) * {{ dispersion }} as decimal(18, 8))
{%- endmacro %}

{% macro kept_unless_far(number, of_nobody, places) -%}
{#- What is unsure of odds, as told a load before where that is within a half of what it is now; of nobody as ever. -#}
case
        when {{ number }}_before between {{ number }} / 1.5 and {{ number }} * 1.5 then {{ number }}_before
        when silent = 0 then coalesce({{ number }}_before, {{ of_nobody }})
        else round({{ number }}, {{ places }})
    end
{%- endmacro %}

{% macro swayed(chance, bound, sway) -%}
{#- How far from a chance its bound lies, 95 %: the model leaves open what lies up to `bound`, and the home odds of whose
    logarithm `sway` is the standard error. -#}
sqrt(power({{ bound }} - {{ chance }}, 2) + power(1.96 * {{ sway }} * {{ chance }} * (1 - {{ chance }}), 2))
{%- endmacro %}

{% macro bounds_of_home(chance, lower, upper, sway) -%}
{#- Bounds of a chance by what the model leaves open and by what the odds of the home do, as columns `lower` and `upper`. -#}
cast(
        greatest({{ chance }} - {{ swayed(chance, 'least(' ~ lower ~ ', ' ~ chance ~ ')', sway) }}, 0) as decimal(5, 4)
    ) as lower,
    cast(
        least({{ chance }} + {{ swayed(chance, 'greatest(' ~ upper ~ ', ' ~ chance ~ ')', sway) }}, 1) as decimal(5, 4)
    ) as upper
{%- endmacro %}

{% macro unsureness(row, apart) -%}
{#- The variance of the logarithm of odds that were chosen by `misfit`: what the counts leave open of it, and the odds that
    it leans on. How many exits were lost is a number of chance, which scatters by `spread` times what a Poisson number does, and of
    which those silent show a part: what they scatter by themselves is not counted twice. -#}
if(
    {{ row }}.scatter = 0, 0,
    1 / (
        power({{ row }}.scatter, 2) / (
            greatest({{ row }}.spread * {{ row }}.looked_for - {{ row }}.scatter, 0)
            + power({{ row }}.looked_for, 2) / ({{ row }}.away + 1) + 0.05
        ) + 1 / power({{ apart }}, 2)
    )
)
{%- endmacro %}

{% macro misfit(row, around, apart) -%}
{#- How unlikely odds are: by how far the expected number is from the one looked for, both as sure as the persons that they
    are of are many, and by how far the odds are from those that they lean on, from which they are `apart` by logarithm as
    a rule. A twentieth of a person keeps nobody from being infinitely far from somebody. -#}
power(ln(({{ row }}.looked_for + 0.05) / ({{ row }}.expected + 0.05)), 2)
        / (1 / ({{ row }}.silent + 1) + 1 / ({{ row }}.away + 1))
        + power(ln({{ row }}.odds / {{ around }}) / {{ apart }}, 2)
{%- endmacro %}

{% macro silence_span(days) -%}
{#- How long a silence of so many days is, where the odds to have left are told apart; ends are those of bands. -#}
case when {{ days }} < 27 then 'weeks' when {{ days }} < 91 then 'months' else 'longer' end
{%- endmacro %}

{% macro weighed_silence(chance, odds) -%}
{#- A chance of the model after a last sign, where the odds to have left are `odds` times its own. `silent` is the window of
    all bands of one silence, of which the last is that of the day known last. When those who left did so is as before. -#}
{%- set now = 'cast(last_value(' ~ chance ~ ') over silent as double)' -%}
cast(
    if(
        {{ odds }} = 1 or {{ chance }} = 1, {{ chance }},
        1 - {{ odds }} * (1 - cast({{ chance }} as double)) / ({{ now }} + {{ odds }} * (1 - {{ now }}))
    ) as decimal(5, 4)
)
{%- endmacro %}
