"""What the public may know of the quality of the links: shares of closed months.

A month's figures are taken from the load in which it closed and stand as released; later releases add months. Counts
are left out but for their size, rounded as every public count is, and a share of fewer pairs than `FEWEST_PAIRS` is
not told.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.release.rounding import rounded

TABLE = "linkage_monthly"
FEWEST_PAIRS = 100
MEASURES = ("precision", "recall_without_iin", "clerical_precision", "steward_agreement")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("month", "measure", "group_kind", "group_value")),
        *((name, pa.float64()) for name in ("value", "lower", "upper")),
        ("pairs", pa.int64()),
        ("model_version", pa.string()),
    ]
)
Line = tuple[str, str, str, str, float, float, float, int, str]

# No more digits than the share has of pairs, which would tell how many there are exactly.
SHARES = f"""SELECT measure, group_kind, group_value, round(value, digits), round(lower, digits), round(upper, digits),
  counted, model_version
FROM (
  SELECT *, CAST(least(floor(log10(counted)), 5) AS INTEGER) AS digits FROM linkage_quality_rows WHERE counted > 0
) WHERE measure IN {MEASURES} AND value IS NOT NULL AND counted >= {FEWEST_PAIRS}
ORDER BY ALL"""
EARLIER = "FROM read_parquet($1) WHERE month < $2 ORDER BY ALL"


def lines(connection: duckdb.DuckDBPyConnection, month: str, key: str, before: str | None) -> list[Line]:
    """The lines of a release: those that stand for earlier months, and the shares of the load at hand.

    Args:
        connection: The build database, with `linkage_quality_rows` of the load.
        month: The month that has closed, as `YYYY-MM`.
        key: Secret of the release, for the rounding.
        before: The table as the release that stands has it; None where there is none.
    """
    found: list[Line] = connection.execute(EARLIER, [before, month]).fetchall() if before else []
    for measure, kind, group, value, lower, upper, counted, model in connection.execute(SHARES).fetchall():
        pairs = rounded(key, f"{TABLE}/{month}/{measure}/{kind}/{group}", counted)
        found.append((month, measure, kind, group, value, lower, upper, pairs, model))
    return found
