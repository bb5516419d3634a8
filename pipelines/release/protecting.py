"""From the statistics to protected tables: grouping of small cells, withholding, perturbation, marks.

For each design three temporary tables are made. `exact_<name>`, every cell before grouping with the code under which it
is shown, and `judged_<name>`, every cell as published with its exact count beside, are read by the attacks and nobody
else; `released_<name>` is what is published. `is_fresh` is false in `judged_<name>` for months that stand as they were
told before.

A figure of everybody may not tell of a protected group: a cell of which most are protected and fewer than ten are not,
is small, whatever its size. Decision 0049 says why.
"""

from __future__ import annotations

import duckdb

from pipelines.release.designs import OTHERS, Design
from pipelines.release.perturbing import BASE_OF_PROTECTED, cell_name_sql, perturbed_sql

CLOSED = """CREATE OR REPLACE TEMP TABLE closed_month AS
WITH reported AS (
  SELECT min(business_date) AS first_day, max(business_date) AS last_day
  FROM quality.delivery WHERE feed = 'border_crossings' AND state = 'accepted'
), month AS (
  SELECT CAST(unnest(range(date_trunc('month', first_day), last_day + 1, INTERVAL 1 MONTH)) AS DATE) AS first_day
  FROM reported
)
SELECT month.first_day, date_diff('month', month.first_day, date_trunc('month', reported.last_day + 1)) - 1 AS age
FROM month, reported
WHERE month.first_day >= reported.first_day AND last_day(month.first_day) <= reported.last_day"""

REVISED_AFTER, FINAL_AFTER = 6, 17
SMALL_GROUP, HELD_BY_ONE = 50, 0.9
MEAN_CELL = 36
# Bounds at 95 % lie 1.96 standard deviations away.
CHANCE = 3.84
PROTECTED = "month_protected"
WITHOUT_VARIANCE = "SELECT CAST(NULL AS DOUBLE) AS variance WHERE false"


def find_closed_months(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Makes `closed_month`, and returns the last one as `YYYY-MM`."""
    connection.execute(CLOSED)
    last: str | None = connection.execute("SELECT strftime(max(first_day), '%Y-%m') FROM closed_month").fetchall()[0][0]
    return last


def lay_out_stock(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `month_stock` and `month_protected`, because several designs read the same views of many deltas."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE month_stock AS
        SELECT stock.* FROM statistics.stock JOIN closed_month ON date_trunc('month', period) = first_day"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {PROTECTED} AS
        SELECT held.* REPLACE (strftime(period, '%Y-%m') AS period)
        FROM intermediate.protected_month AS held JOIN closed_month ON date_trunc('month', period) = first_day"""
    )


def protect(connection: duckdb.DuckDBPyConnection, design: Design, key: str) -> None:
    """Makes `exact_<name>` and `released_<name>` of one design.

    Args:
        connection: The build database, with `closed_month`.
        design: What is released.
        key: Secret of the release.
    """
    parameters = {"key": key} if design.measure == "counts" else {}
    _gather(connection, design, parameters)
    _release(connection, design, parameters)


def _gather(connection: duckdb.DuckDBPyConnection, design: Design, parameters: dict[str, str]) -> None:
    """Every cell of the closed months; `shown_as` is the code of the grouped dimension that readers see."""
    dimensions = ", ".join(design.dimensions)
    # A cell without anybody says nothing; a share of nought does.
    filled = "WHERE value <> 0 OR value IS NULL" if design.measure == "counts" else ""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE gathered AS
        SELECT strftime(first_day, '%Y-%m') AS period, {dimensions}, indicator, CAST(value AS DOUBLE) AS value,
          CAST(lower AS DOUBLE) AS lower, CAST(upper AS DOUBLE) AS upper, variance,
          if(obs_status = 'P' AND age >= {FINAL_AFTER}, 'A', obs_status) AS obs_status
        FROM ({WITHOUT_VARIANCE} UNION ALL BY NAME FROM ({design.query})) AS figure
        JOIN closed_month ON date_trunc('month', figure.period) = first_day
        {filled}"""
    )
    _find_protected(connection, design)
    if design.grouped is None:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE exact_{design.name} AS SELECT *, '' AS shown_as FROM gathered"
        )
        return
    keys = ", ".join((*design.beside, design.grouped))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE exact_{design.name} AS
        SELECT gathered.*, if(coalesce(is_merged, true), '{OTHERS}', {design.grouped}) AS shown_as
        FROM gathered LEFT JOIN ({_merged(design)}) USING ({keys})""",
        parameters,
    )


def _find_protected(connection: duckdb.DuckDBPyConnection, design: Design) -> None:
    """Says of each cell how many in it are of protected groups; of none where the table has no stock of everybody."""
    if not design.guards:
        connection.execute("ALTER TABLE gathered ADD COLUMN protected DOUBLE DEFAULT 0")
        return
    keys = ", ".join(("period", *design.dimensions))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE gathered AS
        SELECT gathered.*, if(indicator = 'stock', coalesce(protected, 0), 0) AS protected FROM gathered LEFT JOIN (
          SELECT {keys}, sum(persons) AS protected FROM {PROTECTED} GROUP BY ALL
        ) USING ({keys})"""
    )


def _tells(value: str, protected: str) -> str:
    """Whether a count tells how many of protected groups are in it, as SQL: few others are."""
    return f"(2 * {protected} > {value} AND {value} - {protected} < {BASE_OF_PROTECTED})"


def _is_small(design: Design, grouped: str | None = None) -> str:
    """Whether a count is not shown, as SQL: where its public figure could be that of a count below the threshold.

    It goes by the figure and not by the count, so that whether a cell is shown tells no more than the figure would. By
    the count, a cell that comes to be shown as one person comes would have exactly as many as the threshold.
    """
    cell = cell_name_sql("indicator", design.named, grouped)
    figure = perturbed_sql(cell, "CAST(greatest(round(value), 0) AS BIGINT)", design.base)
    return f"{figure} - {design.base - 1} < {design.threshold}"


def _merged(design: Design) -> str:
    """Which values of the grouped dimension are shown together, within the other dimensions."""
    within = ", ".join(design.beside)
    alone = (
        f"OR (sum(value) OVER (PARTITION BY {within}) < {SMALL_GROUP} AND max(value) OVER (PARTITION BY {within})"
        f" >= {HELD_BY_ONE} * sum(value) OVER (PARTITION BY {within}))"
        if design.status
        else ""
    )
    # What is not shown of one value through the other dimensions, which a coarser table less what is shown gives.
    through = f"PARTITION BY period, {design.grouped}"
    hidden = [f"sum({one}) FILTER (is_small) OVER ({{}})" for one in ("value", "protected")]
    rest, left = (_tells(*(one.format(over) for one in hidden)) for over in (f"PARTITION BY {within}", through))
    return f"""SELECT {within}, {design.grouped}, is_small OR few AND place = 1 AS is_merged
    FROM (
      SELECT *, row_number() OVER (PARTITION BY {within}, is_small ORDER BY value, {design.grouped}) AS place,
        coalesce(sum(value) FILTER (is_small) OVER (PARTITION BY {within}) < {design.threshold} OR {rest}, false) AS few
      FROM (
        SELECT * REPLACE (is_small OR coalesce({left}, false) AND nearest = 1 AS is_small)
        FROM (
          SELECT *, row_number() OVER ({through}, is_small ORDER BY value, {within}) AS nearest
          FROM (
            SELECT *, {_is_small(design)} OR {design.grouped} = '_R' {alone}
              OR {_tells("value", "protected")} AS is_small
            FROM gathered WHERE indicator = '{design.decided_by}'
          )
        )
      )
    )"""


def _release(connection: duckdb.DuckDBPyConnection, design: Design, parameters: dict[str, str]) -> None:
    """Sums what is shown together, withholds what is small nevertheless, and perturbs counts."""
    names = ", ".join(f"shown_as AS {name}" if name == design.grouped else name for name in design.dimensions)
    within = ", ".join((*design.beside, "indicator"))
    whole = f"count(*) OVER (PARTITION BY {within}) = 1" if design.grouped else "false"
    small = f" OR {_is_small(design, design.grouped)}" if design.measure == "counts" else ""
    small += f" OR {_tells('value', 'protected')}"
    shown = ", ".join(f"{figure} AS {name}" for name, figure in _figures(design).items())
    dimensions = ", ".join(design.dimensions)
    added = ", ".join(("period", "indicator", *design.totals))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE judged_{design.name} AS
        WITH summed AS (
          SELECT period, {names}, indicator, sum(value) AS value, sum(protected) AS protected,
            {_bound("lower", "-")} AS lower, {_bound("upper", "+")} AS upper,
            if(count(value) < count(*), 'Q', max(obs_status)) AS obs_status
          FROM exact_{design.name} GROUP BY ALL
        ), counted AS (
          SELECT *, value AS exact, coalesce(obs_status = 'Q'{small}, false) AS is_withheld
          FROM (SELECT *, {whole} AS is_whole FROM summed)
        ), ranked AS (
          SELECT *, {_alone(design)} AS is_alone,
            row_number() OVER (PARTITION BY {added}, is_withheld ORDER BY exact, {dimensions}) AS place
          FROM counted{_thin(design)}
        ), judged AS (
          SELECT * REPLACE (if(is_withheld, NULL, value) AS value)
          FROM (SELECT * REPLACE (is_withheld OR is_alone AND place = 1 AS is_withheld) FROM ranked)
        )
        SELECT period, {dimensions}, indicator, {shown}, if(is_withheld, 'Q', obs_status) AS obs_status,
          exact, {cell_name_sql("indicator", design.named, design.grouped)} AS cell, true AS is_fresh
        FROM judged{" WHERE NOT is_withheld" if design.protected else ""}""",
        parameters,
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE released_{design.name} AS SELECT {', '.join(design.columns)} "
        f"FROM judged_{design.name} ORDER BY ALL"
    )


def _bound(name: str, sign: str) -> str:
    """SQL of a bound at 95 % of a sum of cells: what the model leaves open, and the chance of single persons."""
    model = f"sum({name}) - sum(value)"
    half = f"sqrt(({model}) * ({model}) + {CHANCE} * coalesce(sum(variance), 0))"
    return f"if({model} IS NULL, NULL, greatest(sum(value) {sign} {half}, 0))"


def _figures(design: Design) -> dict[str, str]:
    """SQL of value and bounds as published; bounds never cross the value; what is withheld or certain has none."""
    found = {name: _figure(design, name) for name in ("value", "lower", "upper")}
    return {
        "value": found["value"],
        "lower": f"if(value IS NULL OR lower IS NULL, NULL, least({found['lower']}, {found['value']}))",
        "upper": f"if(value IS NULL OR upper IS NULL, NULL, greatest({found['upper']}, {found['value']}))",
    } | ({} if design.measure == "counts" else found)


def _figure(design: Design, name: str) -> str:
    usual = design.digits.get("*", 0)
    digits = "".join(f" WHEN '{one}' THEN {number}" for one, number in design.digits.items() if one != "*")
    rounded = f"round({name}, CASE indicator{digits} ELSE {usual} END)" if digits else f"round({name}, {usual})"
    if design.measure == "ratios":
        return rounded
    cell = cell_name_sql("indicator", design.named, design.grouped)
    count = perturbed_sql(cell, f"CAST(greatest(round({name}), 0) AS BIGINT)", design.base)
    count = f"if({name} IS NULL, NULL, {count})"
    return count


def _alone(design: Design) -> str:
    """Whether what is withheld of a sum that another table tells is so little that the rest gives it away."""
    if not design.attacked:
        return "false"
    held = f"sum(exact) FILTER (is_withheld) OVER (PARTITION BY {', '.join(('period', 'indicator', *design.totals))})"
    return f"coalesce({held} < {design.threshold}, false)"


def _thin(design: Design) -> str:
    """Leaves out a month in which a table would be spread too thin: on average too few in a cell to hide a person."""
    if not design.attacked:
        return ""
    mean = "avg(exact) FILTER (NOT is_withheld) OVER (PARTITION BY period, indicator)"
    return f" QUALIFY coalesce({mean} >= {MEAN_CELL}, true)"
