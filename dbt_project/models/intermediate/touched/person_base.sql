with seen as (
    select
        source.person_id,
        source.feed,
        source.records,
        source.first_on,
        source.last_on,
        {{ is_seen('source.feed') }} as is_seen,
        source.open_first_on,
        source.open_last_on,
        observation.birth_date,
        observation.sex,
        observation.citizenship,
        observation.birth_country
    from {{ ref('touched_source') }} as source
    inner join {{ ref('observation') }} as observation on source.observation_id = observation.observation_id
),

act as (
    select
        touched.person_id,
        if(act.action in ('acquired', 'restored'), 'KAZ', act.to_citizenship) as citizenship,
        act.action in ('acquired', 'restored') as is_gain,
        act.effective_on,
        row_number() over (
            partition by touched.person_id order by act.effective_on desc, act.record_id desc
        ) as acts_since
    from {{ ref('citizenship_event') }} as act
    inner join {{ ref('touched_observation') }} as touched on act.observation_id = touched.observation_id
),

-- Who has gained the citizenship of Kazakhstan and not lost it is its citizen, whatever passport comes later. The last
-- act may lie ahead: before its day the person is what the others say.
claim as (
    select
        person_id,
        citizenship,
        last_on as happened_on,
        last_on as formerly_on,
        cast(null as date) as acted_on,
        false as is_act,
        0 as acts_since
    from seen
    where citizenship is not null
    union all
    select
        person_id,
        citizenship,
        if(is_gain and acts_since = 1, date 'infinity', effective_on) as happened_on,
        if(is_gain and acts_since = 2, date 'infinity', effective_on) as formerly_on,
        effective_on as acted_on,
        true as is_act,
        acts_since
    from act
),

citizenship as (
    select
        person_id,
        arg_max_null(citizenship, (happened_on, is_act, citizenship)) as citizenship,
        arg_max_null(citizenship, (formerly_on, is_act, citizenship)) filter (where acts_since <> 1)
            as former_citizenship,
        max(acted_on) as acted_on,
        bool_or(is_act) as has_act,
        bool_or(citizenship = 'KAZ') as is_seen_as_citizen
    from claim
    group by person_id
),

paper as (
    select
        person_id,
        max(coalesce(valid_to, date '9999-12-31')) filter (where status = 'stateless_certificate') as certified_to,
        bool_or(status = 'undetermined_status' and valid_to is null) as is_undetermined
    from {{ ref('legal_status_history') }}
    where known_to_seq is null and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    group by person_id
),

-- What implies ethnicity or protection is told as a paper of residence, so it counts as that source.
implied as (
    select
        person_id,
        min(valid_from) as first_on,
        max(valid_from) as last_on
    from {{ ref('legal_status_history') }}
    where
        known_to_seq is null
        and (
            (basis_feed in ({{ restricted_feeds() }}) and not (status = 'pending' and basis_feed = 'asylum_cases'))
            or (basis_feed = 'residence_permits' and basis_record_id in ({{ permits_untold() }}))
        )
        and person_id in (select touched.person_id from {{ ref('touched_person') }} as touched)
    group by person_id
),

birth as (
    select
        person_id,
        birth_date
    from seen
    where birth_date is not null
    group by person_id, birth_date
    qualify
        row_number() over (
            partition by person_id order by length(birth_date) desc, sum(records) desc, birth_date
        ) = 1
),

sex as (
    select
        person_id,
        sex
    from seen
    where sex is not null
    group by person_id, sex
    qualify row_number() over (partition by person_id order by sum(records) desc, sex) = 1
),

summary as (
    select
        person_id,
        arg_max(birth_country, (last_on, birth_country)) as birth_country,
        coalesce(min(first_on) filter (where is_seen), min(first_on)) as first_seen_on,
        coalesce(max(last_on) filter (where is_seen), max(last_on)) as last_seen_on,
        count(distinct feed) as source_count,
        coalesce(
            min(open_first_on) filter (where is_seen), min(open_first_on)
        ) as open_first_seen_on,
        coalesce(
            max(open_last_on) filter (where is_seen), max(open_last_on)
        ) as open_last_seen_on,
        count(distinct feed) filter (where open_first_on is not null) as open_source_count,
        coalesce(bool_or(feed = 'residence_permits' and open_first_on is not null), false) as has_permit
    from seen
    group by person_id
)

select
    summary.person_id,
    birth.birth_date,
    sex.sex,
    citizenship.citizenship,
    {{ nationality('citizenship.citizenship') }} as nationality_status,
    citizenship.acted_on,
    citizenship.former_citizenship,
    if(citizenship.acted_on is null, null, {{ nationality('citizenship.former_citizenship') }})
        as former_nationality_status,
    summary.birth_country,
    coalesce(citizenship.is_seen_as_citizen and not citizenship.has_act, false) as is_citizen_without_act,
    summary.first_seen_on,
    summary.last_seen_on,
    summary.source_count,
    coalesce(summary.open_first_seen_on, implied.first_on) as open_first_seen_on,
    coalesce(summary.open_last_seen_on, implied.last_on) as open_last_seen_on,
    summary.open_source_count + if(implied.person_id is null or summary.has_permit, 0, 1) as open_source_count
from summary
left join birth on summary.person_id = birth.person_id
left join sex on summary.person_id = sex.person_id
left join citizenship on summary.person_id = citizenship.person_id
left join paper on summary.person_id = paper.person_id
left join implied on summary.person_id = implied.person_id
