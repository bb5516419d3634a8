"""A made-up release, written as Parquet files with the columns of the designs: no person stands behind any number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.site.maps import shapes
from pipelines.storage import open_memory
from pipelines.storage.database import quoted

FIGURES = ("value", "lower", "upper")
KNOWN_STATES = ("UZB", "RUS", "CHN", "KGZ", "TUR", "IND")
BOUNDS = "value - 12.0 AS lower, value + 15.0 AS upper, 'P' AS obs_status"
COUNTED = "NULL::DOUBLE AS lower, NULL::DOUBLE AS upper, 'P' AS obs_status"


@dataclass(frozen=True)
class Size:
    """How much a made-up release holds."""

    months: int = 6
    states: int = 6
    communities: int = 3


def write_release(folder: Path, size: Size, shift: int = 0) -> Path:
    """Writes the tables of a release.

    Args:
        folder: Where.
        size: How much.
        shift: Added to some counts of the last month, as late data would.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True)
    with open_memory() as connection:
        connection.execute(_dimensions(size))
        for name, query in (STOCKS | FLOWS | OTHERS).items():
            doubles = ", ".join(f"CAST({figure} AS DOUBLE) AS {figure}" for figure in FIGURES)
            kept = f"* REPLACE ({doubles})" if " AS value" in query else "*"
            told = f"(SELECT {kept} FROM ({query.replace('$shift', str(shift))}))"
            connection.execute(f"COPY {told} TO {quoted(folder / f'{name}.parquet')} (FORMAT parquet)")
            connection.execute(f"COPY {told} TO {quoted(folder / f'{name}.csv')} (FORMAT csv, HEADER)")
    return folder


def altered(folder: Path, table: str, query: str) -> None:
    """Replaces a Parquet table of a release by what a query makes of it, which knows it as `told`."""
    path = quoted(folder / f"{table}.parquet")
    with open_memory() as connection:
        connection.execute(f"CREATE TABLE told AS FROM {path}")
        connection.execute(f"COPY (FROM ({query})) TO {path} (FORMAT parquet)")


def _dimensions(size: Size) -> str:
    states = ", ".join(f"('{state}')" for state in (*KNOWN_STATES, "_O"))
    regions = ", ".join(f"('{code}')" for code in sorted(shapes().paths))
    return f"""CREATE TABLE month AS SELECT n, n = {size.months} - 1 AS is_last,
      strftime(DATE '2016-01-01' + to_months(CAST(n AS INTEGER)), '%Y-%m') AS period
      FROM range({size.months}) AS month(n);
    CREATE TABLE state AS SELECT row_number() OVER () AS s, citizenship FROM (
      SELECT citizenship FROM (VALUES {states}) AS known(citizenship)
      UNION ALL SELECT 'X' || chr(65 + CAST(k // 26 AS INTEGER)) || chr(65 + CAST(k % 26 AS INTEGER))
      FROM range({max(size.states - len(KNOWN_STATES), 0)}) AS more(k));
    CREATE TABLE region AS SELECT row_number() OVER () AS r, region FROM (VALUES {regions}) AS known(region);
    CREATE TABLE kind AS FROM (VALUES ('foreigner'), ('labour_migrant')) AS kinds(category);
    CREATE TABLE community AS SELECT k, 'c' || lpad(CAST(k AS VARCHAR), 4, '0') AS community_id,
      region, k % {size.months} // 2 AS born, {size.months} - 1 - k % 3 AS died
      FROM range({size.communities}) AS made(k) JOIN region ON r = 1 + k % {len(shapes().paths)}"""


# The rows of each table, by its name; counts are whole threes, as perturbed ones are.
STOCKS = {
    "stock_region": f"""SELECT period, region, 'stock' AS indicator,
        3.0 * (40 + n + 7 * (r % 5)) + if(is_last, $shift, 0) AS value, {BOUNDS}
      FROM month, (FROM region UNION ALL SELECT 0, '_U')""",
    "stock_district": f"""SELECT period, region, district, 'stock' AS indicator, 3.0 * (20 + n) AS value, {BOUNDS}
      FROM month, region, (VALUES ('751210000'), ('_O')) AS places(district)""",
    "stock_citizenship": f"""SELECT period, citizenship, 'stock' AS indicator, 3.0 * (20 + n + 90 // s) AS value,
        {BOUNDS}
      FROM month, state""",
    "stock_sex_age": f"""SELECT period, sex, age_group, 'stock' AS indicator, 30.0 AS value, {BOUNDS} FROM month,
        (VALUES ('F'), ('M')) AS sexes(sex), (VALUES ('15-19'), ('20-24'), ('85+')) AS ages(age_group)""",
    "stock_region_citizenship": f"""SELECT period, region, citizenship, 'stock' AS indicator, 30.0 + 3 * r AS value,
        {BOUNDS} FROM month, region, state""",
    "stock_category": f"""SELECT period, category, 'stock' AS indicator, 90.0 + 3 * n AS value,
        {BOUNDS} FROM month, kind""",
    "stock_region_category": f"""SELECT period, region, category, 'stock' AS indicator, 3.0 * (40 + n) AS value,
        {BOUNDS}
      FROM month, region, kind""",
    "stock_protected": f"""SELECT period, region, 'stateless' AS category, 'stock' AS indicator, 12.0 AS value,
        {COUNTED}
      FROM month, region""",
    "statelessness": """SELECT period, region, 'stateless' AS category, 'stock' AS indicator,
        if(r > 17, NULL, 12.0 + n) AS value,
        NULL::DOUBLE AS lower, NULL::DOUBLE AS upper, if(r > 17, 'Q', 'P') AS obs_status FROM month, region""",
}
FLOWS = {
    "national_monthly": """SELECT period, direction, indicator, value AS value,
        if(estimated, value - 30, NULL) AS lower,
        if(estimated, value + 36, NULL) AS upper, 'P' AS obs_status
      FROM (SELECT period, 3.0 * (1000 + 20 * n) + if(is_last, $shift, 0) AS value, direction, indicator, estimated
        FROM month, (VALUES ('_T', 'stock', true), ('_T', 'present_confirmed', false), (
        '_T', 'presence_unknown', false),
          ('entry', 'crossings', false), ('exit', 'crossings', false), ('entry', 'citizen_crossings', false))
          AS told(direction, indicator, estimated))""",
    "flow": f"""SELECT period, direction, citizenship, 'crossings' AS indicator, 300.0 - s AS value, {COUNTED}
      FROM month, state, (VALUES ('entry'), ('exit')) AS ways(direction)""",
    "host_ratio": f"""SELECT period, region, 'foreigners_per_1000' AS indicator, 1.25 + r + n AS value, {BOUNDS}
      FROM month, region""",
}
OTHERS = {
    "community": """SELECT period, community_id, if(k = 1, 'host_type', 'citizenship') AS basis,
        if(k = 1, 'school', 'UZB') AS basis_value, region,
        '_T' AS district, indicator, CASE indicator WHEN 'size' THEN 120.0 + 3 * (k + n) WHEN 'hosts' THEN 12.0
        WHEN 'share' THEN 0.25 ELSE 3.5 END AS value, NULL::DOUBLE AS lower, NULL::DOUBLE AS upper, 'P' AS obs_status
      FROM community JOIN month ON n BETWEEN born AND died,
        (VALUES ('size'), ('hosts'), ('share'), ('location_quotient')) AS told(indicator)""",
    "segregation": f"""SELECT period, 'region' AS level, '000000000' AS region, 'citizenship' AS basis,
        '_T' AS basis_value, 'entropy' AS indicator, 0.25 AS value, {COUNTED} FROM month""",
    "quality_lateness": f"""SELECT (SELECT max(period) FROM month) AS period, 'border_crossings' AS feed,
        delay AS delay_days, 'share_reported' AS indicator, 0.9 AS value, {COUNTED}
      FROM (VALUES ('0'), ('2'), ('14')) AS delays(delay)""",
    "quality_coverage": f"""SELECT period, 'border_crossings' AS feed, indicator, told.value AS value, {COUNTED}
      FROM month, (VALUES ('deliveries_expected', 30.0), ('deliveries_missing', 1.0)) AS told(indicator, value)""",
    "linkage_monthly": """SELECT period AS month, 'precision' AS measure, group_kind, group_value, 0.9991 AS value,
        0.998 AS lower, 0.9996 AS upper, 1230 AS pairs, 'fs' AS model_version
      FROM month, (VALUES ('all', 'all'), ('sex', 'F'), ('scripts', 'cyrillic latin'))
        AS groups(group_kind, group_value)""",
    "attack_report": """SELECT max(period) AS period, 'membership' AS attack, 433 AS tried, 0.523 AS measured,
        0.55 AS allowed, true AS held FROM month HAVING max(period) IS NOT NULL""",
    "calendar": """SELECT period, 'provisional' AS state, DATE '2026-01-30' AS provisional_by,
        DATE '2026-07-31' AS revised_on, DATE '2027-05-31' AS final_on FROM month
      UNION ALL SELECT '2017-01', 'planned', DATE '2027-03-02', DATE '2027-07-31', DATE '2028-06-30'
        FROM month WHERE is_last""",
}
