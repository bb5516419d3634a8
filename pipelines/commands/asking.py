"""The command that asks: `sql`, in a session that can read one published file and nothing else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.audit import Look, hashed, log
from pipelines.commands.console import say, say_table
from pipelines.commands.failures import Failure
from pipelines.commands.looking import CASE, PURPOSE, purpose_and_case
from pipelines.commands.persons import opened_asylum
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb


@click.command(short_help="Ask the published files.")
@click.argument("query", required=False)
@click.option("--analysis", is_flag=True, help="Ask the pseudonymised persons, for named analysts.")
@click.option("--restricted", is_flag=True, help="Ask the identified registry; demands --purpose and --case.")
@click.option(
    "--asylum-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Ask the asylum file, by its officers' key in this file; demands --purpose and --case.",
)
@PURPOSE
@CASE
@click.option("--seconds", default=300.0, show_default=True, help="Interrupt a query that takes longer.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def sql(
    settings: Settings,
    query: str | None,
    analysis: bool,
    restricted: bool,
    asylum_key: Path | None,
    purpose: str | None,
    case: str | None,
    seconds: float,
    form: str,
    as_json: bool,
) -> None:
    """Run QUERY on the statistics, or answer queries one by one where none is given.

    The session reads no other file and changes nothing. With --restricted or --asylum-key each query is logged before
    it is answered, as a hash of its text.

    Example: mic sql "SELECT region, sum(value) FROM stock_on(DATE '2026-03-31') GROUP BY region"
    """
    from pipelines.storage.sessions import open_published

    if analysis + restricted + bool(asylum_key) > 1:
        raise click.UsageError("give one of --analysis, --restricted and --asylum-key.")
    reason = purpose_and_case(purpose, case) if restricted or asylum_key else None
    name = "restricted" if restricted else "analysis" if analysis else "aggregates"
    with opened_asylum(settings, asylum_key) if asylum_key else open_published(settings, name) as connection:
        for text in [query] if query else read_queries():
            logged = log(settings, Look("sql", *reason, question=hashed(settings, text))) if reason else None
            try:
                columns, rows = answer(connection, text, seconds)
            except click.ClickException as error:
                if query or not sys.stdin.isatty():
                    raise
                error.show()
                continue
            if logged:
                logged.answered(len(rows))
            say_table(columns, rows, "json" if as_json else form)


def read_queries() -> Iterator[str]:
    """Queries from standard input, each ended by a semicolon; a prompt where a person types."""
    is_typed = sys.stdin.isatty()
    if is_typed:
        say("End each query with a semicolon; Ctrl-D leaves.")
    lines: list[str] = []
    while True:
        if is_typed:
            print("mic> " if not lines else "...> ", end="", flush=True)
        line = sys.stdin.readline()
        lines.append(line)
        text = "".join(lines).strip()
        if text and (text.endswith(";") or not line):
            yield text
            lines = []
        if not line:
            return


def answer(
    connection: duckdb.DuckDBPyConnection, query: str, seconds: float
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Columns and rows of one query, which is interrupted after `seconds`."""
    import duckdb

    try:
        with limited(connection, seconds):
            found = connection.execute(query)
            columns = [column[0] for column in found.description or []]
            return columns, found.fetchall()
    except duckdb.InterruptException:
        raise Failure(
            f"the query took more than {seconds:g} seconds and was stopped; narrow it or raise --seconds."
        ) from None
    except duckdb.Error as error:
        raise Failure(f"the query cannot be answered: {str(error).strip()}") from None


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupts the connection when the block takes longer."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
