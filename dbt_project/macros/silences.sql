{% macro silence_bands() -%}
{#- One row per band of days of a silence: its first day and the first of the next one. -#}
select
        band,
        min(days) as from_day,
        coalesce(lead(min(days)) over (order by band), 999999) as until_day
    from {{ source('presence', 'age') }}
    group by band
{%- endmacro %}

{% macro silence_steps(deltas, dimensions) -%}
{#- One row per day and cell: by how much those who are silent count for less than one from that day on.

    `deltas` are signed changes whose rows `silent` say since when, of which class, and whether an entry has proved a
    departure. A chance holds for a band of days, so each silence makes one step per band; `less`, `less_lower` and
    `less_upper` go from the sum of open stays to the expected number and its bounds, `scatter` is the variance of that
    number where the model is right and each person is here or not by chance, and what the odds of the home leave open. Rows `unseen` are the mirror: the days
    before a first sign count by the chance to have been here already, as less than nothing less. -#}
with silent as (
    select
        {{ dimensions | join(', ') }},
        valid_day,
        presence_class,
        silent_since,
        if(returned_on is null, 'open', 'returned') as ending,
        least(coalesce(returned_on, {{ last_covered_day() }}) - silent_since, {{ longest_silence() }}) as silent_days,
        sum(change) as change
    from {{ deltas }}
    where indicator = 'silent' and valid_day <= {{ last_covered_day() }}
    group by all
    having sum(change) <> 0
),

band as (
    {{ silence_bands() }}
),

unseen as (
    select
        {{ dimensions | join(', ') }},
        valid_day,
        presence_class,
        silent_since,
        if(returned_on is null, 'unseen', 'away') as ending,
        greatest(
            least(silent_since - coalesce(returned_on, {{ first_reported_day() }}), {{ longest_silence() }}), 0
        ) as silent_days,
        sum(change) as change
    from {{ deltas }}
    where indicator = 'unseen' and valid_day <= {{ last_covered_day() }}
    group by all
    having sum(change) <> 0
),

-- Curves have as many rows in a home of few as in one of many.
asked as (
    select distinct
        told.presence_class,
        told.ending,
        age.band
    from (
        select
            presence_class,
            ending,
            silent_days
        from silent
        union all
        select
            presence_class,
            ending,
            silent_days
        from unseen
    ) as told
    inner join {{ source('presence', 'age') }} as age on told.silent_days = age.days
),

step as (
    select
        curve.*,
        band.from_day,
        band.until_day,
        lag(curve.probability) over earlier as before,
        lag(curve.lower) over earlier as lower_before,
        lag(curve.upper) over earlier as upper_before,
        coalesce(lead(curve.probability) over earlier, 0) as farther,
        coalesce(lead(curve.lower) over earlier, 0) as lower_farther,
        coalesce(lead(curve.upper) over earlier, 0) as upper_farther,
        curve.variance as scatter,
        lag(curve.variance) over earlier as scatter_before,
        coalesce(lead(curve.variance) over earlier, 0) as scatter_farther
    from {{ ref('weighed_curve') }} as curve
    inner join band on curve.band = band.band
    semi join asked
        on
            curve.presence_class = asked.presence_class and curve.ending = asked.ending
            and curve.silent_band = asked.band
    where curve.known_to_seq is null
    window earlier as (partition by curve.presence_class, curve.ending, curve.silent_band order by curve.band)
)

select
    greatest(silent.valid_day, silent.silent_since + step.from_day) as valid_day,
    {% for dimension in dimensions %}
    silent.{{ dimension }},
    {% endfor %}
    {% for name, chance in {'less': 'probability', 'less_lower': 'lower', 'less_upper': 'upper'}.items() %}
    {%- set before = 'before' if chance == 'probability' else chance ~ '_before' %}
    sum(
        silent.change
        * (if(silent.silent_since + step.from_day <= silent.valid_day, 1, step.{{ before }}) - step.{{ chance }})
    ) as {{ name }},
    {%- endfor %}
    sum(
        silent.change
        * (step.scatter - if(silent.silent_since + step.from_day <= silent.valid_day, 0, step.scatter_before))
    ) as scatter
from silent
inner join {{ source('presence', 'age') }} as age on silent.silent_days = age.days
inner join step
    on
        silent.presence_class = step.presence_class and silent.ending = step.ending
        and age.band = step.silent_band
where
    silent.silent_since + step.until_day > silent.valid_day
    and silent.silent_since + step.from_day <= {{ last_covered_day() }}
group by all
union all
select
    greatest(unseen.valid_day, unseen.silent_since - step.until_day + 1) as valid_day,
    {% for dimension in dimensions %}
    unseen.{{ dimension }},
    {% endfor %}
    {% for name, chance in {'less': 'probability', 'less_lower': 'lower', 'less_upper': 'upper'}.items() %}
    {%- set farther = 'farther' if chance == 'probability' else chance ~ '_farther' %}
    sum(
        unseen.change
        * (if(unseen.silent_since - step.until_day < unseen.valid_day, 0, step.{{ farther }}) - step.{{ chance }})
    ) as {{ name }},
    {%- endfor %}
    sum(
        unseen.change
        * (step.scatter - if(unseen.silent_since - step.until_day < unseen.valid_day, 0, step.scatter_farther))
    ) as scatter
from unseen
inner join {{ source('presence', 'age') }} as age on unseen.silent_days = age.days
inner join step
    on
        unseen.presence_class = step.presence_class and unseen.ending = step.ending
        and age.band = step.silent_band
where unseen.silent_since - step.from_day >= unseen.valid_day
group by all
{%- endmacro %}

{% macro silence_by_month(deltas, dimensions, month_end) -%}
{#- Rows of `silence_steps` at month ends alone, not summed up: several to a cell and month.

    Each silence counts by one band at a month end, so bands that hold none are left out; a band adds what it says at
    its first month end and takes it back at the first one after it. Nothing is grouped before the caller does, so that
    the memory that it costs goes by his cells and not by persons. `month_end` names a relation of the months. -#}
with bound as (
    select
        min(period) as first_period,
        max(period) as last_period
    from {{ month_end }}
),

band as (
    {{ silence_bands() }}
),

-- Days from `silent_since` on, on which a band holds: of rows `unseen` they lie before it, and the nearest stays.
step as (
    select
        curve.presence_class,
        curve.ending,
        curve.silent_band,
        if(curve.is_unseen, 1 - band.until_day, band.from_day) as from_day,
        if(curve.is_unseen, if(band.from_day = 0, 999999, 1 - band.from_day), band.until_day) as until_day,
        if(curve.is_unseen, 0, 1) - curve.probability as less,
        if(curve.is_unseen, 0, 1) - curve.lower as less_lower,
        if(curve.is_unseen, 0, 1) - curve.upper as less_upper,
        curve.variance as scatter
    from (
        select
            *,
            ending in ('unseen', 'away') as is_unseen
        from {{ ref('weighed_curve') }}
        where known_to_seq is null
    ) as curve
    inner join band on curve.band = band.band
),

told as (
    select
        {{ dimensions | join(', ') }},
        valid_day,
        silent_since,
        presence_class,
        if(indicator = 'silent', if(returned_on is null, 'open', 'returned'), if(returned_on is null, 'unseen', 'away'))
            as ending,
        if(
            indicator = 'silent',
            least(coalesce(returned_on, {{ last_covered_day() }}) - silent_since, {{ longest_silence() }}),
            greatest(
                least(silent_since - coalesce(returned_on, {{ first_reported_day() }}), {{ longest_silence() }}), 0
            )
        ) as silent_days,
        change
    from {{ deltas }}
    where indicator in ('silent', 'unseen') and valid_day <= (select bound.last_period from bound)
),

held as (
    select
        {{ dimensions | join(', ') }},
        greatest(
            last_day(greatest(told.valid_day, told.silent_since + step.from_day)), bound.first_period
        ) as from_period,
        last_day(told.silent_since + step.until_day) as until_period,
        told.change * step.less as less,
        told.change * step.less_lower as less_lower,
        told.change * step.less_upper as less_upper,
        told.change * step.scatter as scatter
    from told
    inner join {{ source('presence', 'age') }} as age on told.silent_days = age.days
    inner join step
        on
            told.presence_class = step.presence_class and told.ending = step.ending
            and age.band = step.silent_band
    cross join bound
    where
        told.silent_since + step.until_day > told.valid_day
        and told.silent_since + step.from_day <= bound.last_period
)

select
    if(side.sign = 1, held.from_period, held.until_period) as period,
    {% for dimension in dimensions %}
    held.{{ dimension }},
    {% endfor %}
    held.less * side.sign as less,
    held.less_lower * side.sign as less_lower,
    held.less_upper * side.sign as less_upper,
    held.scatter * side.sign as scatter
from held
cross join (values (1), (-1)) as side (sign)
where
    held.from_period < held.until_period
    and (side.sign = 1 or held.until_period <= (select bound.last_period from bound))
{%- endmacro %}

{% macro curves_differ() %}
{#- Whether the curves of the home may be others than those that stand: they are of other models, or this load brought
    other odds or was broken off after it had, or the project changed. Rows `returned` are those of the models. -#}
    {%- if not execute or not is_incremental() or not var('project_stands', false) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set asked -%}
select
    exists (select 1 from {{ this }} where known_from_seq >= {{ var('load_seq') }} or known_to_seq >= {{ var('load_seq') }})
    or exists (
        select model_version, known_from_seq, known_to_seq from {{ source('presence', 'curve') }} where ending = 'returned'
        except
        select model_version, known_from_seq, known_to_seq from {{ this }} where ending = 'returned'
    )
    {%- for model, told, of_whom in [
        ('standing_odds', '(odds, sway)', 'partition by span'),
        ('gone_odds', '(odds, dispersion, sway)', 'partition by class_group, span'),
        ('unheard_share', '(to_a_recorded, sway)', ''),
    ] %}
    or exists (
        select 1 from (
            select
                known_seq,
                {{ told }} is distinct from lag({{ told }}) over ({{ of_whom }} order by known_seq) as differs
            from {{ ref(model) }}
        )
        where differs and known_seq >= {{ var('load_seq') }}
    )
    {%- endfor %}
    {%- endset -%}
    {{ return(run_query(asked).columns[0][0]) }}
{% endmacro %}
