"""Commands that mend: `quarantine` and `rebuild`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from pipelines.audit import Look, log
from pipelines.commands.console import say, say_table, shown_progress
from pipelines.commands.failures import Misuse
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import CASE, PURPOSE, purpose_and_case
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb

LONGEST_TERM = 3653
FORM = click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
LISTED = """
SELECT feed, file_name, 'held back' AS state, reason, count(*) AS "rows"
FROM (SELECT feed, file_name, unnest(reasons) AS reason FROM quality.quarantine WHERE cleared_seq IS NULL) GROUP BY ALL
UNION ALL SELECT feed, file_name, state, reason, rows_in_file FROM quality.delivery WHERE state = 'held'
ORDER BY ALL"""
ROWS = """SELECT line_number, array_to_string(reasons, ' ') AS reasons, load_seq, cleared_in, delivery_id,
  CAST(row_ordinal AS VARCHAR) AS "row"
FROM intake.quarantine WHERE feed = $1 AND file_name = $2 AND replayed_in IS NULL
UNION ALL SELECT line_number, 'record_id_reused', load_seq, cleared_seq, delivery_id, record_id
FROM quality.quarantine WHERE feed = $1 AND file_name = $2 AND reasons = ['record_id_reused'] ORDER BY ALL"""
HELD = "SELECT message FROM quality.delivery WHERE feed = $1 AND file_name = $2 AND state = 'held'"
KNOWN = "SELECT 1 FROM quality.delivery WHERE feed = $1 AND file_name = $2 LIMIT 1"
RAW = """SELECT CAST(row_ordinal AS VARCHAR), raw FROM read_parquet($1)
WHERE list_contains($2, CAST(row_ordinal AS VARCHAR))"""
ENCODING = "SELECT DISTINCT encoding FROM intake.delivery WHERE delivery_id = $1 AND encoding IS NOT NULL"
REUSED = """SELECT record_id,
  json_merge_patch({typed}, coalesce(to_json(normalised), '{{}}'), coalesce(to_json(extra), '{{}}'))
FROM raw.{feed}
WHERE delivery_id = $1 AND list_contains($2, record_id) AND outcome IN ('record_id_reused', 'reused_cleared')
  AND known_to_seq IS NULL"""


@click.group(short_help="Rows and deliveries that were held back.")
def quarantine() -> None:
    """Rows and deliveries that were held back: see them, judge them again, let a delivery in.

    Example: mic quarantine list
    """


@quarantine.command("list")
@FORM
@AS_JSON
@click.pass_obj
def list_quarantine(settings: Settings, form: str, as_json: bool) -> None:
    """List what is held back, by delivery and reason, as last published.

    Example: mic quarantine list --json
    """
    from pipelines.storage.sessions import open_published

    with open_published(settings, "aggregates") as connection:
        found = connection.execute(LISTED)
        names = [column[0] for column in found.description or []]
        say_table(names, found.fetchall(), "json" if as_json else form)


@quarantine.command("show")
@click.argument("feed")
@click.argument("file_name")
@PURPOSE
@CASE
@FORM
@AS_JSON
@click.pass_obj
def show_quarantine(
    settings: Settings, feed: str, file_name: str, purpose: str | None, case: str | None, form: str, as_json: bool
) -> None:
    """Show the rows of a delivery that are held back: line numbers and reasons.

    Their raw text is shown with --purpose and --case alone, and the look is logged first. Beside it stands what a date
    of another calendar may mean: ask the agency, which corrects the row; the centre converts none.

    Example: mic quarantine show border_crossings border_crossings_20260301_001.csv.gz
    """
    look, form = None, "json" if as_json else form
    if purpose or case:
        purpose, case = purpose_and_case(purpose, case)
        look = Look("quarantine show", purpose, case, delivery=f"{feed}/{file_name}")
    columns = ["line", "reasons", "load", "cleared in"]
    with locked_build(settings, "mic quarantine show") as connection:
        found = connection.execute(ROWS, [feed, file_name]).fetchall()
        if not found and not connection.execute(KNOWN, [feed, file_name]).fetchall():
            raise Misuse(f"no delivery {feed}/{file_name} is known; `mic quarantine list` names them.")
        if look and found:
            logged = log(settings, look)
            raw = _raw(connection, settings, feed, found)
            logged.answered(len(found))
            say_table([*columns, "raw", "may mean"], [(*row[:4], *_explained(row, raw)) for row in found], form)
        else:
            say_table(columns, [row[:4] for row in found], form)
        for (message,) in connection.execute(HELD, [feed, file_name]).fetchall():
            click.echo(f"The delivery is held whole, none of its rows is kept: {message}.", err=True)


def _explained(row: tuple[object, ...], raw: dict[tuple[object, object], str]) -> tuple[str, str]:
    """The raw text of a row, and what its dates may mean where it is held back for them."""
    from pipelines.intake.calendars import readings
    from pipelines.storage.database import ZONE

    text = raw.get((row[4], row[5]), "")
    foreign = [reason for reason in str(row[1]).split() if "calendar" in reason]
    ends_ahead = any(":" in reason and not reason.endswith(":birth_date") for reason in foreign)
    last = datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=LONGEST_TERM if ends_ahead else 0)
    return text, "; ".join(readings(text, last)) if foreign else ""


def _raw(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: str, found: list[tuple[object, ...]]
) -> dict[tuple[object, object], str]:
    """Raw text by delivery and row; of a row under a taken record id, which was good by itself, as JSON from bronze."""
    from pipelines.contracts import load_contracts
    from pipelines.intake.casting import as_json
    from pipelines.storage import Home

    home = Home(settings.home)
    typed = as_json({column.name: column.name for column in load_contracts(settings.sources)[feed].columns})
    raw: dict[tuple[object, object], str] = {}
    for delivery, load_seq, is_reused in {(row[4], row[2], row[1] == "record_id_reused") for row in found}:
        rows = [row[5] for row in found if row[4] == delivery and (row[1] == "record_id_reused") is is_reused]
        if is_reused:
            kept = connection.execute(REUSED.format(typed=typed, feed=feed), [delivery, rows]).fetchall()
        else:
            path = home.quarantine / feed / f"load_seq={load_seq}" / f"{delivery}.parquet"
            kept = connection.execute(RAW, [str(path), rows]).fetchall()
        said = connection.execute(ENCODING, [delivery]).fetchall()
        encodings = ["utf-8", *(encoding for (encoding,) in said)]
        raw |= {(delivery, row): text if is_reused else _in_letters(text, encodings) for row, text in kept}
    return raw


def _in_letters(raw: bytes, encodings: list[str]) -> str:
    """A row in the first encoding that fits; what fits none is shown as bytes."""
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode(encodings[-1], "backslashreplace")


@quarantine.command("replay")
@click.argument("feed")
@click.argument("file_name")
@click.pass_obj
def replay(settings: Settings, feed: str, file_name: str) -> None:
    """Let the next load judge the held-back rows of a delivery again, after its contract was mended.

    Example: mic quarantine replay labour_permits labour_permits_20260301_001.csv
    """
    from pipelines.intake.replay import request_replay
    from pipelines.storage import Home

    with locked_build(settings, "mic quarantine replay") as connection:
        rows = request_replay(connection, Home(settings.home), feed, file_name)
    say(f"{feed}/{file_name}: {rows} rows are judged again by the next load. Run `mic nightly`.")


@quarantine.command("release")
@click.argument("feed")
@click.argument("file_name")
@click.pass_obj
def release(settings: Settings, feed: str, file_name: str) -> None:
    """Let the next load take in a held delivery in spite of its bad rows, which stay held back.

    Example: mic quarantine release labour_permits labour_permits_20260301_001.csv
    """
    from pipelines.intake.replay import request_release
    from pipelines.storage import Home

    with locked_build(settings, "mic quarantine release") as connection:
        request_release(connection, Home(settings.home), feed, file_name)
    say(f"{feed}/{file_name}: the next load takes it in. Run `mic nightly`.")


@click.command(short_help="Make the registry again from bronze and ledger.")
@click.option("--as-of", "as_of", type=click.IntRange(min=1), metavar="SEQ", help="Last load to replay.")
@click.option("--into", type=click.Path(path_type=Path), help="A new or empty folder; MIC_HOME/rebuilt-SEQ otherwise.")
@click.option("--replace", "is_replaced", is_flag=True, help="Replay all loads and replace this home's database.")
@click.pass_obj
def rebuild(settings: Settings, as_of: int | None, into: Path | None, is_replaced: bool) -> None:
    """Replay loads 1 to SEQ from bronze and ledger into a fresh home, and publish the last of them there.

    Landing is not read, and this home is not changed. The keys are those of this home; copy the folder `keys` or set
    the same variables before opening what was rebuilt.

    With --replace all loads are replayed beside this home's database, which is then replaced: for a database that is
    damaged, lost, or of an older version. Published files stay until the next `mic nightly`.

    Example: mic rebuild --as-of 7 --into /data/rebuilt
    """
    from pipelines.rebuilding import rebuild as replay_loads
    from pipelines.rebuilding import replace_database

    if is_replaced == (as_of is not None) or (is_replaced and into):
        raise click.UsageError("give either --as-of SEQ, with --into where you like, or --replace alone.")
    if as_of is None:
        with shown_progress() as progress:
            last = replace_database(settings, progress)
        say(f"the database of {settings.home} is made anew, loads 1 to {last}. Run `mic verify`, then `mic nightly`.")
        _say_underivable(settings, last)
        return
    folder = into or settings.home / f"rebuilt-{as_of}"
    with shown_progress() as progress:
        replay_loads(settings, as_of, folder, progress)
    say(f"loads 1 to {as_of} stand in {folder}")
    _say_underivable(settings, as_of)


def _say_underivable(settings: Settings, as_of: int) -> None:
    from pipelines.rebuilding import underivable
    from pipelines.storage import Home

    if lost := underivable(Home(settings.home), as_of):
        told = ", ".join(f"{number} of {feed}" for feed, number in sorted(lost.items()))
        say(f"counts of records that were erased since cannot be derived any more, and are not in it: {told}")
