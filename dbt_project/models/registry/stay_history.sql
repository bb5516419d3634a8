{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['stay_id'],
    meta={'scope': 'period', 'since': 'first_sign_on'}
) }}
{#- A first stay that filings of papers alone tell of is none: such a person is known by papers. -#}
-- depends_on: {{ ref('touched_period') }}

with paper as (
    {{ paper_of_class(ref('touched_period'), ref('touched_decision')) }}
),

marked as (
    select
        *,
        kind = 'entry'
        or coalesce(lag(kind) over (partition by person_id order by place_in_order), 'exit') = 'exit' as begins_stay
    from {{ ref('touched_event') }}
),

numbered as (
    select
        *,
        sum(cast(begins_stay as integer)) over (partition by person_id order by place_in_order) as stay_number
    from marked
),

stay as (
    select
        numbered.person_id,
        stay_number,
        md5(arg_min(feed || '|' || record_id, place_in_order)) as stay_id,
        arg_min(kind, place_in_order) = 'birth' as is_born_here,
        min(event_on) filter (where kind = 'entry') as crossed_on,
        max(event_on) filter (where kind = 'exit') as left_on,
        min(post_code) filter (where kind = 'entry') as entry_post,
        min(post_code) filter (where kind = 'exit') as exit_post,
        arg_min(purpose, place_in_order) as purpose,
        arg_min(citizenship, place_in_order) as citizenship,
        list_sort(list(distinct event_on)) as signs_on,
        list(event_on) filter (where feed <> 'residence_permits') as acted_on,
        any_value(period.stayed_before) as stayed_before,
        any_value(period.ended_before) as ended_before,
        least(
            any_value(period.numbered_before), min(event_on) filter (where is_numbered and kind <> 'exit')
        ) as numbered_on
    from numbered
    left join {{ ref('touched_period') }} as period on numbered.person_id = period.person_id
    group by numbered.person_id, stay_number
    having
        stay_number > 1 or bool_or(feed <> 'residence_permits')
        or coalesce(isfinite(any_value(period.computed_from)), false)
),

death as (
    {{ deaths() }}
),

begun as (
    select
        * exclude (numbered_on),
        if(is_born_here, signs_on[1], crossed_on) as entered_on,
        list({{ complete_days('is_born_here', 'crossed_on', 'left_on') }}) over (
            partition by person_id order by signs_on[1], signs_on[-1], stay_id
            rows between {{ stays_remembered() }} preceding and 1 preceding
        ) as stayed_since,
        min(numbered_on) over (
            partition by person_id order by stay_number rows between unbounded preceding and current row
        ) as numbered_on,
        list_filter(signs_on, lambda day: not coalesce(list_contains(acted_on, day), false)) as filed_only_on
    from stay
),

-- Alphabetical order puts residence above labour.
held as (
    select
        begun.person_id,
        begun.stay_number,
        max(paper.paper) filter (
            where paper.valid_from <= begun.signs_on[1] and coalesce(begun.signs_on[1] < paper.valid_to, true)
        ) as first_paper,
        max(paper.paper) filter (
            where paper.valid_from <= begun.signs_on[-1] and coalesce(begun.signs_on[-1] < paper.valid_to, true)
        ) as last_paper
    from begun
    inner join paper on begun.person_id = paper.person_id
    group by begun.person_id, begun.stay_number
),

paired as (
    select
        *,
        if(
            left_on is null, lead(entered_on) over (partition by person_id order by stay_number), null
        ) as entered_again_on
    from begun
),

card as (
    select
        person_id,
        happened_on as moved_on
    from {{ ref('touched_departure') }}
    where kind = 'emigration'
),

moved as (
    select
        paired.person_id,
        paired.stay_number,
        min(card.moved_on) as moved_away_on
    from paired
    inner join card
        on
            paired.person_id = card.person_id and paired.signs_on[-1] <= card.moved_on
            and coalesce(card.moved_on <= paired.entered_again_on, true)
    where paired.left_on is null
    group by paired.person_id, paired.stay_number
),

followed as (
    select
        paired.*,
        held.first_paper,
        held.last_paper,
        moved.moved_away_on,
        death.died_on as death_on,
        if(moved.moved_away_on is null, paired.entered_again_on, null) as ended_unknown_on
    from paired
    left join held on paired.person_id = held.person_id and paired.stay_number = held.stay_number
    left join moved on paired.person_id = moved.person_id and paired.stay_number = moved.stay_number
    left join death on paired.person_id = death.person_id
),

gone as (
    select
        *,
        coalesce(left_on, moved_away_on, ended_unknown_on) as gone_on,
        if(coalesce(left_on, moved_away_on, ended_unknown_on) <= death_on, null, death_on) as died_on
    from followed
),

ended as (
    select
        *,
        least(gone_on, if(died_on < signs_on[1], signs_on[1], died_on)) as ended_on
    from gone
)

select
    stay_id,
    person_id,
    entered_on,
    is_born_here,
    left_on,
    entry_post,
    exit_post,
    purpose,
    citizenship,
    signs_on,
    filed_only_on,
    signs_on[1] as first_sign_on,
    signs_on[-1] as last_sign_on,
    first_paper,
    last_paper,
    cast(list_aggregate(
        list_concat(stayed_before, stayed_since)[-{{ stays_remembered() }}:], 'median'
    ) as integer) as usual_days,
    numbered_on,
    ended_unknown_on,
    moved_away_on,
    died_on,
    ended_on,
    case
        when entered_on is null
            then greatest(ended_before, max(ended_on) over (
                partition by person_id order by stay_number rows between unbounded preceding and 1 preceding
            ))
    end as absent_on,
    case
        when entered_on is not null and left_on is not null then 'matched'
        when left_on is not null then 'entry_not_matched'
        when ended_unknown_on is not null then 'exit_not_matched'
        when entered_on is not null then 'open'
        else 'signs_only'
    end as pairing,
    {{ opened_now() }}
from ended
