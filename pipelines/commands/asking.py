"""The command that asks: `sql`, in a session that can read one published file and nothing else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pipelines.commands.console import say, say_table
from pipelines.commands.failures import Failure
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb

NO_AUDIT = (
    "the restricted file is not opened: every look at a person must be logged first, and this version has no audit "
    "chain yet. Ask `mic sql --analysis` for pseudonymised data, or the statistics without an option."
)


@click.command(short_help="Ask the published files.")
@click.argument("query", required=False)
@click.option("--analysis", is_flag=True, help="Ask the pseudonymised persons, for named analysts.")
@click.option("--restricted", is_flag=True, help="Ask the identified registry; demands --purpose and --case.")
@click.option("--purpose", help="Why the persons must be looked at.")
@click.option("--case", "case", help="Number of the case that it serves.")
@click.option("--seconds", default=300.0, show_default=True, help="Interrupt a query that takes longer.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def sql(
    settings: Settings,
    query: str | None,
    analysis: bool,
    restricted: bool,
    purpose: str | None,
    case: str | None,
    seconds: float,
    form: str,
    as_json: bool,
) -> None:
    """Run QUERY on the statistics, or answer queries one by one where none is given.

    The session reads no other file and changes nothing.

    Example: mic sql "SELECT region, sum(value) FROM stock_on(DATE '2026-03-31') GROUP BY region"
    """
    from pipelines.storage.sessions import open_published

    if restricted:
        refuse_restricted(purpose, case)
    name = "analysis" if analysis else "aggregates"
    with open_published(settings, name) as connection:
        for text in [query] if query else read_queries():
            try:
                answer(connection, text, seconds, "json" if as_json else form)
            except click.ClickException as error:
                if query or not sys.stdin.isatty():
                    raise
                error.show()


def refuse_restricted(purpose: str | None, case: str | None) -> None:
    """Refuses the identified registry: for want of a purpose and case, and as long as no look can be logged."""
    if not purpose or not case:
        raise click.UsageError("--restricted demands --purpose and --case: say why, and for which case.")
    raise Failure(NO_AUDIT)


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


def answer(connection: duckdb.DuckDBPyConnection, query: str, seconds: float, form: str) -> None:
    """Runs one query, interrupted after `seconds`, and prints its rows."""
    import duckdb

    try:
        with limited(connection, seconds):
            found = connection.execute(query)
            columns = [column[0] for column in found.description or []]
            rows = found.fetchall()
    except duckdb.InterruptException:
        raise Failure(
            f"the query took more than {seconds:g} seconds and was stopped; narrow it or raise --seconds."
        ) from None
    except duckdb.Error as error:
        raise Failure(f"the query cannot be answered: {str(error).strip()}") from None
    say_table(columns, rows, form)


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupts the connection when the block takes longer."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
