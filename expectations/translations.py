"""From a contract's expectation to a Great Expectations expectation.

One function per type; `TRANSLATIONS` is the whole vocabulary. A translation reads the contract and gives SQL
that yields a number, never a row. Rows that a citizen's record left without identity do not count where the
column is one that intake empties for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.contracts import Column, ColumnType, Contract
from pipelines.contracts.model import Expectation
from pipelines.intake.tables import SQL_TYPES

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation as GxExpectation

MOST_DEVIATIONS = 5
# The code of a column whose share in the load's rows lies farthest from its daily shares in the 28 days before, in
# standard deviations of those days and of a sample of so many rows. In less than seven days nothing is usual.
FARTHEST_SHARE = """
    WITH counted AS (
      SELECT load_seq = {load_seq} AS is_new, business_date, coalesce("{column}", '') AS code, count(*) AS n
      FROM raw."{feed}" WHERE {current} AND load_seq <= {load_seq} AND business_date >
        (SELECT max(business_date) - 29 FROM quality.delivery WHERE feed = '{feed}' AND load_seq = {load_seq})
      GROUP BY ALL
    ), day AS (SELECT business_date, sum(n) AS n FROM counted WHERE NOT is_new GROUP BY ALL),
    new AS (SELECT code, sum(n) AS n FROM counted WHERE is_new GROUP BY ALL),
    usual AS (
      SELECT code, count(*) AS days, avg(coalesce(counted.n, 0) / day.n) AS share,
        var_pop(coalesce(counted.n, 0) / day.n) AS spread, (sum(coalesce(counted.n, 0)) + 1) / (sum(day.n) + 2) AS p
      FROM (SELECT DISTINCT code FROM counted) CROSS JOIN day
      LEFT JOIN (SELECT * FROM counted WHERE NOT is_new) AS counted USING (business_date, code) GROUP BY code
    )
    SELECT coalesce(max(abs(coalesce(new.n, 0) / total.n - usual.share) / sqrt(spread + p * (1 - p) / total.n)), 0)
    FROM usual LEFT JOIN new USING (code) CROSS JOIN (SELECT sum(n) AS n FROM new) AS total
    WHERE days >= 7 AND total.n > 0"""

CURRENT = "outcome = 'current' AND known_to_seq IS NULL"


class UnknownExpectationError(Exception):
    """A contract names an expectation that no translation knows, or leaves out an argument."""


@dataclass(frozen=True)
class Batch:
    """What is judged: the rows of one feed that one load brought.

    Attributes:
        contract: The feed's promises.
        load_seq: The load.
        registers: Names of the feeds whose `raw` view the database has.
    """

    contract: Contract
    load_seq: int
    registers: frozenset[str]

    @property
    def query(self) -> str:
        """The rows judged: accepted ones by what is known now, without repeats and refused newcomers."""
        return (
            f'SELECT * FROM raw."{self.contract.feed}" WHERE load_seq = {self.load_seq} '
            "AND known_to_seq IS NULL "
            "AND outcome NOT IN ('repeat', 'record_id_reused', 'reused_cleared', 'name_reused')"
        )


def build_expectation(batch: Batch, expectation: Expectation) -> GxExpectation:
    """The Great Expectations expectation for one promise of a contract.

    Raises:
        UnknownExpectationError: The contract says something that cannot be translated.
    """
    translate = TRANSLATIONS.get(expectation.type)
    where = f"sources/{batch.contract.feed}/feed.yml: expectation {expectation.type!r}"
    if translate is None:
        raise UnknownExpectationError(f"{where} is not one of {sorted(TRANSLATIONS)}; correct the type")
    try:
        return translate(batch, expectation)
    except KeyError as error:
        raise UnknownExpectationError(f"{where} needs {error}; add it to the contract") from error


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def described(expectation: Expectation, threshold: str) -> dict[str, Any]:
    """What every translated expectation carries along for the one who reads the result."""
    return {
        "severity": expectation.severity,
        "meta": {
            "type": expectation.type,
            "column": expectation.column,
            "reason": expectation.reason,
            "threshold": threshold,
        },
    }


def part_of(hits: str, all_of_them: str) -> str:
    """SQL for a share, to six places and never rounded up, so that only the whole is 1; of nothing it is 1.

    Great Expectations rounds what it reads: one duplicate among ten million would pass as none.
    """
    return f"coalesce(({hits}) * 1000000 // nullif({all_of_them}, 0) / 1000000, 1)"


def apart(query: str) -> str:
    """SQL for the number that a query of its own gives; the count makes it one number for any batch, empty too."""
    return f"({query}) + 0 * count(*)"


def share(batch: Batch, expectation: Expectation, holds: str, among: str) -> GxExpectation:
    """At least so many of the rows `among` hold; where there are none, nothing speaks against it."""
    from expectations.aggregate import ExpectAggregateToBeBetween

    at_least = float(str(expectation.arguments["at_least"]))
    return ExpectAggregateToBeBetween(
        expression=part_of(f"count(*) FILTER (WHERE ({among}) AND ({holds}))", f"count(*) FILTER (WHERE {among})"),
        min_value=at_least,
        **described(expectation, f"≥ {at_least:g}"),
    )


def subject(batch: Batch, expectation: Expectation) -> Column:
    """The column concerned; a `KeyError` where the contract names none."""
    if expectation.column is None:
        raise KeyError("column")
    return batch.contract.column(expectation.column)


def rows_arrived(batch: Batch, expectation: Expectation) -> GxExpectation:
    """There are rows to judge; asked only where the ledger says that rows were accepted."""
    from expectations.aggregate import ExpectAggregateToBeBetween

    return ExpectAggregateToBeBetween(expression="count(*)", min_value=1, **described(expectation, "≥ 1"))


def row_count_between(batch: Batch, expectation: Expectation) -> GxExpectation:
    """Every delivery of the load is of the usual size; the observed value is the most unusual delivery."""
    from expectations.aggregate import ExpectAggregateToBeBetween

    minimum, maximum = (float(str(expectation.arguments[name])) for name in ("minimum", "maximum"))
    return ExpectAggregateToBeBetween(
        expression=apart(
            f"SELECT coalesce(max(rows_in_file) FILTER (WHERE rows_in_file > {maximum}), min(rows_in_file)) "
            f"FROM quality.delivery WHERE feed = {literal(batch.contract.feed)} "
            f"AND load_seq = {batch.load_seq} AND state = 'accepted'"
        ),
        min_value=minimum,
        max_value=maximum,
        **described(expectation, f"{minimum:.0f} … {maximum:.0f}"),
    )


def values_known(batch: Batch, expectation: Expectation) -> GxExpectation:
    """The values of a code column are codes of the contract; of a list, all of its items."""
    column = subject(batch, expectation)
    codes = ", ".join(literal(code) for code in column.codes or {})
    holds = f'list_has_all([{codes}], "{column.name}")' if column.type is ColumnType.list else ""
    return share(batch, expectation, holds or f'"{column.name}" IN ({codes})', f'"{column.name}" IS NOT NULL')


def values_between(batch: Batch, expectation: Expectation) -> GxExpectation:
    """The values of a number column lie between the bounds that the contract believes."""
    column = subject(batch, expectation)
    bounds = [f'"{column.name}" >= {column.minimum!r}'] if column.minimum is not None else []
    bounds += [f'"{column.name}" <= {column.maximum!r}'] if column.maximum is not None else []
    return share(batch, expectation, " AND ".join(bounds) or "true", f'"{column.name}" IS NOT NULL')


def share_not_null(batch: Batch, expectation: Expectation) -> GxExpectation:
    """The column is filled; records of citizens, whose identity is dropped, count only where it is required."""
    column = subject(batch, expectation)
    stripped = batch.contract.citizens == "strip" and not column.required
    among = "is_citizen_stripped IS NOT TRUE" if stripped else "true"
    return share(batch, expectation, f'"{column.name}" IS NOT NULL', among)


def identifies_rows(batch: Batch, expectation: Expectation) -> GxExpectation:
    """No two current rows of the load have the same value; without a column, the same record id."""
    from expectations.aggregate import ExpectAggregateToBeBetween

    column = expectation.column or "record_id"
    return ExpectAggregateToBeBetween(
        expression=part_of(
            f'count(DISTINCT "{column}") FILTER (WHERE {CURRENT})', f"count(*) FILTER (WHERE {CURRENT})"
        ),
        min_value=1,
        **described(expectation, "= 1"),
    )


def known_in_register(batch: Batch, expectation: Expectation) -> GxExpectation:
    """The values are record ids of the register's current content; a register that never came knows none."""
    column, register = subject(batch, expectation).name, str(expectation.arguments["register"])
    known = f'"{column}" IN (SELECT record_id FROM raw."{register}" WHERE {CURRENT})'
    return share(batch, expectation, known if register in batch.registers else "false", f'"{column}" IS NOT NULL')


def shares_as_usual(batch: Batch, expectation: Expectation) -> GxExpectation:
    """No code is much more, or much less, frequent than in the four weeks before; an empty value is a code too.

    A column whose codes have changed their meaning keeps its codes: only their shares tell.
    """
    from expectations.aggregate import ExpectAggregateToBeBetween

    named = {"feed": batch.contract.feed, "column": subject(batch, expectation).name}
    return ExpectAggregateToBeBetween(
        expression=apart(FARTHEST_SHARE.format(load_seq=batch.load_seq, current=CURRENT, **named)),
        max_value=MOST_DEVIATIONS,
        **described(expectation, f"≤ {MOST_DEVIATIONS} σ"),
    )


def columns_as_promised(batch: Batch, expectation: Expectation) -> GxExpectation:
    """Every column of the contract is there with its type; the observed value counts those that are not."""
    from expectations.aggregate import ExpectAggregateToBeBetween

    promised = ", ".join(
        f"({literal(column.name)}, {literal(SQL_TYPES.get(column.type, 'VARCHAR'))})"
        for column in batch.contract.columns
    )
    return ExpectAggregateToBeBetween(
        expression=apart(
            f"SELECT count(*) FROM (VALUES {promised}) promised(column_name, data_type) "
            "ANTI JOIN (SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'raw' "
            f"AND database_name = current_database() AND table_name = {literal(batch.contract.feed)}) present "
            "USING (column_name, data_type)"
        ),
        max_value=0,
        **described(expectation, "= 0"),
    )


TRANSLATIONS: dict[str, Callable[[Batch, Expectation], GxExpectation]] = {
    "columns_as_promised": columns_as_promised,
    "identifies_rows": identifies_rows,
    "known_in_register": known_in_register,
    "row_count_between": row_count_between,
    "rows_arrived": rows_arrived,
    "share_not_null": share_not_null,
    "shares_as_usual": shares_as_usual,
    "values_between": values_between,
    "values_known": values_known,
}
