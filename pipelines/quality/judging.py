"""Judging one load: each feed's suite on what came, and the registry's promises before publication.

A check that crashes, or that sees no row where rows must be, has failed critically: it proves nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import duckdb

from expectations import PROMISES, Batch, Promise, build_feed_suite, build_registry_suite
from pipelines.contracts import Contract
from pipelines.lasting import lasting
from pipelines.quality.deferring import deferred
from pipelines.quality.outcome import REGISTRY, Outcome, replace_outcomes

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationValidationResult

# What Great Expectations draws charts and fits distributions with: a third of what it costs to load.
NEVER_ASKED = ("altair", "scipy.stats")
UNREADABLE = (duckdb.CatalogException, duckdb.BinderException)
CRASHED = "The check could not be run, so nobody knows whether this holds: {}"
SAW_NOTHING = "The check saw no row although there must be some, so nobody knows whether this holds: {}"


def judge(
    connection: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    load_seq: int,
    judged_at: datetime | None = None,
) -> list[Outcome]:
    """One outcome per promise of each feed of which the load accepted a delivery with new rows, or an empty one.

    Args:
        connection: The build database, with the load's intake committed.
        contracts: The feeds' promises, by feed.
        load_seq: The load.
        judged_at: Moment to note; the database's clock where there is none.

    Returns:
        The outcomes, which also replace this load's rows in `quality.expectation_result`.
    """
    registers = frozenset(names(connection, "raw"))
    outcomes: list[Outcome] = []
    for feed, rows_accepted in arrivals(connection, load_seq):
        batch = Batch(contracts[feed], load_seq, registers)
        outcomes += judge_feed(connection, batch, rows_accepted)
    replace_outcomes(connection, load_seq, outcomes, judged_at)
    return outcomes


def judge_feed(connection: duckdb.DuckDBPyConnection, batch: Batch, rows_accepted: int) -> list[Outcome]:
    """One outcome per promise of one feed; of an empty delivery only its size is judged."""
    prepare()
    suite = build_feed_suite(batch)
    if not rows_accepted:
        suite.expectations = [one for one in suite.expectations if (one.meta or {})["type"] == "row_count_between"]
    return judge_suite(connection, batch.query, suite, (batch.load_seq, batch.contract.feed), rows_accepted > 0)


def judge_registry(
    connection: duckdb.DuckDBPyConnection,
    load_seq: int,
    judged_at: datetime | None = None,
    promises: Sequence[Promise] = PROMISES,
) -> list[Outcome]:
    """One outcome per promise about the registry, written under the feed `registry`.

    Args:
        connection: The build database, with the load's models built.
        load_seq: The load.
        judged_at: Moment to note; the database's clock where there is none.
        promises: What must hold.
    """
    prepare()
    outcomes: list[Outcome] = []
    for table in dict.fromkeys(promise.table for promise in promises):
        suite = build_registry_suite(table, promises)
        expected = must_be_filled(connection, [promise.fed_by for promise in promises if promise.table == table])
        query = f"SELECT * FROM {table}_history WHERE known_to_seq IS NULL"
        outcomes += judge_suite(connection, query, suite, (load_seq, REGISTRY), expected)
    replace_outcomes(connection, load_seq, outcomes, judged_at, about=REGISTRY)
    return outcomes


def blocking(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes that stop publication."""
    return [outcome for outcome in outcomes if not outcome.success and outcome.severity == "critical"]


def judge_suite(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    suite: ExpectationSuite,
    stamp: tuple[int, str],
    rows_expected: bool,
) -> list[Outcome]:
    """One outcome per expectation of a suite."""
    from pipelines.quality.engine import evaluate

    if not suite.expectations:
        return []
    rows = count_rows(connection, query)
    results = evaluate(connection, query, suite)
    if len(results) != len(suite.expectations):
        raise RuntimeError(f"{suite.name}: {len(suite.expectations)} checks asked, {len(results)} answered")
    return [read_result(result, stamp, rows, saw_nothing=rows_expected and not rows) for result in results]


def read_result(result: ExpectationValidationResult, stamp: tuple[int, str], rows: int, saw_nothing: bool) -> Outcome:
    """The outcome that a result of Great Expectations stands for."""
    from pipelines.quality.engine import crashed

    load_seq, feed = stamp
    configuration = result.expectation_config
    if configuration is None or configuration.meta is None:
        raise RuntimeError(f"{feed}: a result does not say which check it answers")
    meta = configuration.meta
    void = CRASHED if crashed(result) else SAW_NOTHING if saw_nothing else ""
    observed = None if void == CRASHED else result.result.get("observed_value")
    return Outcome(
        load_seq=load_seq,
        feed=feed,
        expectation=meta["type"],
        column_name=meta["column"],
        success=bool(result.success) and not void,
        severity="critical" if void else str(getattr(configuration.severity, "value", configuration.severity)),
        observed_value=None if observed is None else float(observed),
        threshold=meta["threshold"],
        reason=void.format(meta["reason"]) if void else meta["reason"],
        rows_judged=rows,
    )


def prepare() -> None:
    """Loads Great Expectations, once per process, with its log closed.

    What it logs of a failed query can hold a value of the data; a failure is kept as an outcome instead.
    """
    log = logging.getLogger("great_expectations")
    log.setLevel(logging.CRITICAL + 1)
    log.handlers = [logging.NullHandler()]
    log.propagate = False
    _load()


@cache
def _load() -> None:
    with lasting(), deferred(NEVER_ASKED):
        from pipelines.quality.engine import open_context

    open_context()


def arrivals(connection: duckdb.DuckDBPyConnection, load_seq: int) -> list[tuple[str, int]]:
    """Feeds of which the load accepted new rows, or a delivery without any row, and how many rows it accepted.

    A load that is replayed lacks the rows that were erased since.
    """
    return connection.execute(
        """
        WITH gone AS (
          SELECT delivery_id, sum(row_count) AS rows_gone FROM intake.erased
          WHERE kind = 'bronze' AND load_seq = $1 GROUP BY delivery_id
        ), arrived AS (
          SELECT feed, rows_in_file, rows_accepted - coalesce(rows_gone, 0) AS rows_there
          FROM quality.delivery LEFT JOIN gone USING (delivery_id) WHERE load_seq = $1 AND state = 'accepted'
        )
        SELECT feed, CAST(sum(rows_there) AS BIGINT) FROM arrived
        GROUP BY feed HAVING sum(rows_there) > 0 OR min(rows_in_file) = 0 ORDER BY feed
        """,
        [load_seq],
    ).fetchall()


def must_be_filled(connection: duckdb.DuckDBPyConnection, feeding: Sequence[str]) -> bool:
    """Whether any of the queries that feed a table gives a row; a query that cannot be run feeds it too."""
    try:
        return any(connection.execute(f"SELECT 1 FROM ({query}) LIMIT 1").fetchone() for query in set(feeding))
    except UNREADABLE:
        return True


def count_rows(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Rows that a query gives; none where what it reads is missing, which the checks then report."""
    try:
        row = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
    except UNREADABLE:
        return 0
    return int(row[0]) if row else 0


def names(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """Tables and views of a schema of the database in use."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = $1",
        [schema],
    ).fetchall()
    return [name for (name,) in rows]
