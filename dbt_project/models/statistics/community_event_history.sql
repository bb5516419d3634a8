{{ config(
    materialized='incremental', incremental_strategy='bitemporal',
    unique_key=['community_id', 'event', 'event_on', "coalesce(other_community_id, '')"],
    meta={
    'scope': 'all', 'publish': {'restricted': 'statistics.community_event_history'}
}) }}

with life as (
    select * from {{ ref('community_life') }}
    where names_it
),

border as (
    select
        from_kato,
        to_kato,
        valid_from as event_on,
        not bool_or(from_kato = to_kato) over (partition by from_kato, valid_from) as code_ends
    from {{ ref('territory_link') }}
    where level = 'region'
    qualify from_kato <> to_kato
),

{# A region may be cut into several, so that a life has a change of territory with each of them where its people live;
    and a community may split into several. A life that ends with the border because its people lie behind it now did not
    dissolve; and a district whose code is new then was not known before, so that nobody can say that a community formed
    there. #}
territory as (
    select
        life.community_id,
        life.formed_on,
        border.event_on,
        life.region = border.from_kato
        and (
            border.code_ends
            or other.community_id is not null and coalesce(life.dissolved_on = last_day(border.event_on), false)
        ) as ends_it,
        life.region = border.to_kato as begins_it,
        other.community_id as other_community_id
    from life
    inner join border
        on
            life.district = '_T' and life.region in (border.from_kato, border.to_kato)
            and life.formed_on < border.event_on and coalesce(border.event_on <= life.dissolved_on, true)
    left join {{ ref('community_series') }} as other
        on
            life.district = other.district
            and other.region = if(life.region = border.from_kato, border.to_kato, border.from_kato)
            and life.basis = other.basis and life.basis_value = other.basis_value
    union all
    select
        life.community_id,
        life.formed_on,
        place.valid_from as event_on,
        false as ends_it,
        true as begins_it,
        null as other_community_id
    from life
    inner join {{ ref('district') }} as place
        on life.district = place.kato and life.formed_on = last_day(place.valid_from)
),

cut as (
    select
        community_id,
        formed_on,
        bool_or(begins_it) as begins_it,
        bool_or(ends_it) as ends_it
    from territory
    group by all
),

sized as (
    select
        life.community_id,
        life.formed_on,
        month.period,
        month.size,
        month.growth
    from life
    inner join {{ ref('community_month_history') }} as month
        using (community_id, basis, basis_value, region, district, formed_on)
    where month.known_to_seq is null
),

moved as (
    select
        here.community_id,
        here.formed_on,
        former.community_id as former_id,
        former.formed_on as former_formed_on,
        former.dissolved_on as former_dissolved_on,
        tie.period as event_on,
        tie.persons
    from {{ ref('community_tie') }} as tie
    inner join life as here
        on
            tie.region = here.region and tie.district = here.district
            and tie.basis = here.basis and tie.basis_value = here.basis_value
            and here.formed_on <= tie.period and coalesce(tie.period < here.dissolved_on, true)
    inner join life as former
        on
            tie.other_region = former.region and tie.other_district = former.district
            and tie.other_basis = former.basis and tie.other_basis_value = former.basis_value
            and former.formed_on < tie.period and coalesce(tie.period <= former.dissolved_on, true)
    left join territory
        on
            former.community_id = territory.community_id and former.formed_on = territory.formed_on
            and here.community_id = territory.other_community_id
            and territory.event_on between tie.period - 92 and tie.period
    where tie.tie = 'place' and territory.community_id is null
),

event as (
    select
        community_id,
        formed_on,
        'territory' as event,
        event_on,
        other_community_id
    from territory
    qualify
        other_community_id is not null
        or row_number() over (partition by community_id, event_on order by other_community_id nulls last) = 1
    union all
    select
        community_id,
        formed_on,
        'formed' as event,
        formed_on as event_on,
        null as other_community_id
    from life
    left join cut using (community_id, formed_on)
    where not coalesce(cut.begins_it, false)
    union all
    select
        community_id,
        formed_on,
        'dissolved' as event,
        dissolved_on as event_on,
        null as other_community_id
    from life
    left join cut using (community_id, formed_on)
    where dissolved_on is not null and not coalesce(cut.ends_it, false)
    union all
    select
        sized.community_id,
        sized.formed_on,
        if(sized.growth > 0, 'grew', 'shrank') as event,
        sized.period as event_on,
        null as other_community_id
    from sized
    where
        abs(sized.growth) >= 0.2 and sized.period > sized.formed_on
        and date_diff('month', sized.formed_on, sized.period) % 3 = 0
        and not exists (
            select 1 from territory
            where
                territory.community_id = sized.community_id and territory.formed_on = sized.formed_on
                and territory.event_on between sized.period - 92 and sized.period
        )
    union all
    select
        moved.former_id as community_id,
        moved.former_formed_on as formed_on,
        'split' as event,
        moved.event_on,
        moved.community_id as other_community_id
    from moved
    inner join sized on moved.community_id = sized.community_id and moved.event_on = sized.period
    where
        moved.event_on = moved.formed_on and moved.persons >= 0.5 * sized.size
        and coalesce(moved.event_on < moved.former_dissolved_on, true)
    union all
    select
        moved.former_id as community_id,
        moved.former_formed_on as formed_on,
        'merged' as event,
        moved.event_on,
        moved.community_id as other_community_id
    from moved
    inner join sized
        on
            moved.former_id = sized.community_id
            and sized.period = last_day(cast(moved.event_on - interval 3 month as date))
    where
        moved.event_on = moved.former_dissolved_on and moved.formed_on <= sized.period
        and moved.persons >= 0.5 * sized.size
)

select
    event.community_id,
    event.event,
    event.event_on,
    event.other_community_id,
    life.basis,
    life.basis_value,
    life.region,
    life.district,
    sized.size,
    event.event = 'formed' and life.stood_before as stood_before,
    life.is_public,
    {{ opened_now() }}
from event
inner join life on event.community_id = life.community_id and event.formed_on = life.formed_on
asof left join sized
    on
        event.community_id = sized.community_id and event.formed_on = sized.formed_on
        and last_day(event.event_on) >= sized.period
