"""Protected groups: their number in a region, read off a figure of everybody.

Where nearly all citizens of a state in a region seek asylum, the count of these citizens is the count of the seekers,
and it is perturbed by two where that of a protected group is perturbed by nine. The attacker knows which figures, or
differences of figures, hold the group and nearly nobody else. One tells where it leaves the number open by less than
the table of the protected groups does: others in the figure, persons of the group outside of it and its noise
together. Noise of several figures cancels in part and grows by the root of their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import duckdb

from pipelines.release.designs import OTHERS, Design
from pipelines.release.perturbing import BASE_OF_PROTECTED
from pipelines.release.protecting import PROTECTED

# An expected number that is less is nobody.
FEW = 0.5
# Each group, and all of them together.
GROUPS = f"""CREATE OR REPLACE TEMP TABLE protected_group AS
SELECT period, region AS place, coalesce(protected, '_T') AS protected_as, citizenship, category, sex, age_group,
  region, district, sum(persons) AS persons
FROM {PROTECTED} GROUP BY GROUPING SETS (
  (period, region, protected, citizenship, category, sex, age_group, district),
  (period, region, citizenship, category, sex, age_group, district))"""
KEYS = "period, place, protected_as"
TOLD = """SELECT count(*), count(*) FILTER (tells) FROM (
  SELECT coalesce(bool_or(
    part > $few AND 2 * part > exact AND exact + everywhere - 2 * part + sqrt(figures) * $noise < $enough
  ), false) AS tells
  FROM (
    SELECT period, place, protected_as, sum(persons) AS everywhere
    FROM protected_group WHERE period IN ({months}) GROUP BY ALL
  ) LEFT JOIN ({figures}) USING (period, place, protected_as) GROUP BY period, place, protected_as)"""
COMMUNITIES = """SELECT {keys}, whole.exact - here.exact AS exact, part, 2 AS figures
FROM held_stock_region_citizenship AS whole
JOIN judged_composition AS here ON whole.period = here.period AND whole.region = here.region
  AND whole.citizenship = here.basis_value
SEMI JOIN (
  FROM judged_community WHERE is_fresh AND indicator = 'size' AND value IS NOT NULL
) AS size ON here.period = size.period AND here.region = size.region AND here.district = size.district
  AND here.basis = size.basis AND here.basis_value = size.basis_value
WHERE here.district = '_T' AND here.basis IN ('citizenship', 'birth_country') AND here.indicator = 'persons'"""
# A community that is found later is told of a month whose stock stands as it was told: then its true count is not kept,
# and the attacker's difference is that of the figures.
FOUND_LATER = """SELECT {keys}, whole.value - size.value AS exact, part, 2 AS figures
FROM released_stock_region_citizenship AS whole
JOIN (
  SELECT period, place, protected_as, citizenship, sum(persons) AS part FROM protected_group GROUP BY ALL
) AS held ON whole.period = held.period AND whole.region = held.place AND whole.citizenship = held.citizenship
JOIN judged_community AS size ON whole.period = size.period AND whole.region = size.region
  AND whole.citizenship = size.basis_value
WHERE whole.indicator = 'stock' AND whole.value IS NOT NULL
  AND whole.period NOT IN (SELECT period FROM judged_stock_region_citizenship WHERE is_fresh)
  AND size.is_fresh AND size.indicator = 'size' AND size.value IS NOT NULL
  AND size.district = '_T' AND size.basis IN ('citizenship', 'birth_country')"""


def told(
    connection: duckdb.DuckDBPyConnection, found: tuple[Design, ...], noise: float, with_communities: bool
) -> tuple[int, int]:
    """How many numbers of a protected group in a region there are, and how many are read off other figures.

    Args:
        connection: With the `exact_` and `judged_` tables of the designs and the protected persons by cell.
        found: Tables of the stock of everybody.
        noise: How far a published figure is from the truth at most, as the attacker knows.
        with_communities: Whether sizes of communities, which hold nobody protected, are taken from stocks too.
    """
    if not found:
        return 0, 0
    connection.execute(GROUPS)
    for design in found:
        _hold(connection, design)
    figures = [*map(_single, found), *_differences(found)]
    if with_communities:
        figures += [COMMUNITIES.format(keys=_keys("whole")), FOUND_LATER.format(keys=_keys("held"))]
    told_of = [*(one.name for one in found), *(["community"] if with_communities else [])]
    months = " UNION ".join(f"SELECT period FROM judged_{one} WHERE is_fresh" for one in told_of)
    query = TOLD.replace("{months}", months).replace("{figures}", " UNION ALL ".join(figures))
    ((tried, telling),) = connection.execute(
        query, {"noise": noise, "few": FEW, "enough": float(BASE_OF_PROTECTED)}
    ).fetchall()
    return tried, telling


def _hold(connection: duckdb.DuckDBPyConnection, design: Design) -> None:
    """Makes `shown_<name>`, the figures shown, and `held_<name>`, how many of each group each of them holds."""
    cell = ", ".join(("period", *design.dimensions))
    shown = ", ".join(f"exact.shown_as AS {one}" if one == design.grouped else one for one in design.dimensions)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE shown_{design.name} AS
        SELECT {cell}, exact FROM judged_{design.name} WHERE is_fresh AND indicator = 'stock' AND value IS NOT NULL"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE held_{design.name} AS
        SELECT * FROM shown_{design.name} JOIN (
          SELECT period, {shown}, place, protected_as, sum(persons) AS part
          FROM exact_{design.name} AS exact JOIN protected_group USING ({cell}) WHERE indicator = 'stock' GROUP BY ALL
        ) USING ({cell})"""
    )


def _single(design: Design) -> str:
    return f"SELECT {KEYS}, exact, part, 1 AS figures FROM held_{design.name}"


def _differences(found: tuple[Design, ...]) -> Iterator[str]:
    """A figure less one part of it, and less all of its parts that are shown; `_O` is something else in each table."""
    for whole, part in permutations(found, 2):
        if set(whole.dimensions) < set(part.dimensions):
            named = f"whole.{whole.grouped} <> '{OTHERS}'" if whole.grouped else "true"
            beside = ", ".join(("period", *whole.dimensions))
            parts = f"""FROM held_{whole.name} AS whole JOIN shown_{part.name} AS part USING ({beside})
            LEFT JOIN held_{part.name} AS held USING ({", ".join(("period", *part.dimensions))}, place, protected_as)"""
            yield f"""SELECT {KEYS}, whole.exact - part.exact AS exact, whole.part - coalesce(held.part, 0) AS part,
              2 AS figures {parts} WHERE {named}"""
            yield f"""SELECT {KEYS}, any_value(whole.exact) - sum(part.exact) AS exact,
              any_value(whole.part) - coalesce(sum(held.part), 0) AS part, 1 + count(*) AS figures
            {parts} WHERE {named} GROUP BY {KEYS}, {", ".join(f"whole.{one}" for one in whole.dimensions)}"""


def _keys(table: str) -> str:
    return ", ".join(f"{table}.{one}" for one in KEYS.split(", "))
