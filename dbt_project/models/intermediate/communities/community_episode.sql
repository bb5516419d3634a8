{#- To find a community and to date it are two questions. Three months in a row in which the group is over-represented,
    by the test that shares its error with all others of fifty years, find one. That it is there is known then, and it
    is dated by the months in which it most likely was: the quotient is 2 by itself and above 1 by a bound of its own,
    and half of those with whom it was found have come, or a third is left of those with whom it was found last. Three
    months without part one life from the next.
    A territory that was cut out of another looks back on the months of that other. -#}
with cell as (
    select
        cell.period,
        cell.region,
        cell.district,
        cell.basis,
        cell.basis_value,
        cell.persons,
        coalesce(test.surprise >= test.threshold, false) as is_over
    from {{ ref('community_cell') }} as cell
    left join {{ ref('over_representation') }} as test using (period, region, district, basis, basis_value)
    where {{ may_stand('cell') }}
),

known as (
    select
        *,
        true as is_own
    from cell
    union all
    select
        cell.* replace (link.to_kato as region),
        false as is_own
    from cell
    inner join {{ ref('territory_link') }} as link
        on
            link.level = 'region' and cell.district = '_T' and cell.region = link.from_kato
            and link.from_kato <> link.to_kato and cell.period < link.valid_from
),

month as (
    select
        period,
        region,
        district,
        basis,
        basis_value,
        date_diff('month', date '1970-01-01', period) as number,
        arg_max(persons, is_own) as persons,
        bool_or(is_over) as is_over
    from known
    group by period, region, district, basis, basis_value
    qualify bool_or(bool_or(is_over and is_own)) over (partition by region, district, basis, basis_value)
),

sized as (
    select
        *,
        last_value(if(is_over, persons, null) ignore nulls) over (
            course rows unbounded preceding
        ) as found_last,
        first_value(if(is_over, persons, null) ignore nulls) over (
            course rows between current row and unbounded following
        ) as found_next
    from month
    window course as (partition by region, district, basis, basis_value order by period)
),

judged as (
    select
        *,
        coalesce(
            is_over and lag(is_over) over course and lag(is_over, 2) over course
            and lag(number, 2) over course = number - 2, false
        ) as finds,
        coalesce(2 * persons >= found_next, false) as has_come,
        coalesce(3 * persons >= found_last, false) as is_left
    from sized
    window course as (partition by region, district, basis, basis_value order by period)
),

parted as (
    select
        *,
        coalesce(number - lag(if(has_come, number, null) ignore nulls) over course > 3, true) as comes_anew,
        coalesce(number - lag(if(is_left, number, null) ignore nulls) over course > 3, true) as stays_anew
    from judged
    window course as (partition by region, district, basis, basis_value order by period)
),

numbered as (
    select
        *,
        count(*) filter (has_come and comes_anew) over course as coming,
        count(*) filter (is_left and stays_anew) over course as stay
    from parted
    window course as (partition by region, district, basis, basis_value order by period)
),

stayed as (
    select
        region,
        district,
        basis,
        basis_value,
        arg_min(coming, period) filter (finds) as coming,
        last_day(cast(max(period) + interval 1 month as date)) as gone_on
    from numbered
    where is_left
    group by region, district, basis, basis_value, stay
    having bool_or(finds)
),

life as (
    select
        *,
        coalesce(lag(gone_on) over course, date '-infinity') as not_before,
        if(
            last_day(cast(gone_on + interval 2 month as date))
            <= (select max(covered.period) from ({{ month_ends() }}) as covered), gone_on, null
        ) as dissolved_on
    from stayed
    window course as (partition by region, district, basis, basis_value order by gone_on)
)

select
    region,
    district,
    basis,
    basis_value,
    min(numbered.period) as formed_on,
    life.dissolved_on
from life
inner join numbered using (region, district, basis, basis_value, coming)
where numbered.has_come and numbered.period >= life.not_before
group by region, district, basis, basis_value, life.gone_on, life.dissolved_on
