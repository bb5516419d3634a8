"""A correction by right of the person, as a delivery: the record as it stands with what was wrong put right.

It takes the way of every correction: history keeps what was believed before, the next load has the new value, and who
did it, for which case and why stands in its manifest, beside the log of looks. Its business date is that of the record,
so that no day counts as reported that no agency has reported.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pipelines.contracts import ColumnType, Contract
from pipelines.intake.delivery import MANIFEST
from pipelines.stewardship.delivering import TooManyDeliveriesError
from pipelines.stewardship.laying import finish, lay
from pipelines.storage import Home, ledger
from pipelines.storage.database import ZONE

# Agencies number their deliveries of a day from 1.
FIRST, LAST = 900, 999
STANDS = "SELECT {values} FROM raw.{feed} WHERE record_id = $1 AND outcome = 'current' AND known_to_seq IS NULL"


class NothingToRectifyError(Exception):
    """There is no such record, or the correction would change nothing; the message says which."""


def rectify(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    contract: Contract,
    record_id: str,
    values: Mapping[str, str],
    said: Mapping[str, str],
    moment: datetime,
) -> Path:
    """Lays a corrected record into the landing; it is in effect with the next load. The caller holds the run lock.

    Args:
        connection: The build database.
        home: Where the centre lies.
        contract: The feed.
        record_id: The record.
        values: New text by column; an empty text takes the value away.
        said: Who, case and reason, for the manifest.
        moment: When; the later of two corrections of one record holds.

    Returns:
        The data file.

    Raises:
        NothingToRectifyError: There is nothing to correct, a correction of the record waits for the next load, or the
            feed is not made of tables.
    """
    names = [column.name for column in contract.columns]
    _demand(contract, names, values)
    finish(home)
    _demand_none_waits(home, contract.feed, record_id)
    stood = _stands(connection, contract, record_id)
    row = {name: values.get(name, stood[name]) for name in names}
    if row == {name: stood[name] for name in names}:
        raise NothingToRectifyError("the record says this already; nothing was written.")
    content = _written(contract, row)
    path = _free_path(home, contract.feed, stood["business_date"])
    manifest = {
        "feed": contract.feed,
        "business_date": f"{stood['business_date']}",
        "sequence": int(path.stem.rsplit("_", 1)[1]),
        "rows": 1,
        "sha256": hashlib.sha256(content).hexdigest(),
        "sender": contract.senders[0] if contract.senders else "rectification",
        "created_at": moment.astimezone(ZoneInfo(ZONE)).isoformat(),
        "kind": "correction",
        "encoding": "utf-8",
        "delimiter": ",",
        "rectified": dict(said),
        "record_id": record_id,
    }
    lay(path, content, json.dumps(manifest).encode())
    return path


def person_of(connection: duckdb.DuckDBPyConnection, feed: str, record_id: str) -> str | None:
    """The person whose record it is, for the log; None where nobody's."""
    found = connection.execute(
        "SELECT person_id FROM registry.source_link WHERE feed = $1 AND record_id = $2", [feed, record_id]
    ).fetchall()
    return found[0][0] if found else None


def _demand(contract: Contract, names: list[str], values: Mapping[str, str]) -> None:
    if "csv" not in contract.formats:
        raise NothingToRectifyError(f"{contract.feed} comes as interchanges alone; ask its sender for a correction.")
    strange = sorted(values.keys() - set(names))
    fixed = sorted(values.keys() & set(contract.record_id))
    if strange or fixed:
        what = f"has no column {strange[0]}" if strange else f"knows the record by {fixed[0]}, which stays"
        raise NothingToRectifyError(f"{contract.feed} {what}. Its columns stand in reference.feed_column.")


def _stands(connection: duckdb.DuckDBPyConnection, contract: Contract, record_id: str) -> dict[str, Any]:
    """The current version of a record as text that intake reads the same way again."""
    parts = [f"{_text(column.name, column.type)} AS {column.name}" for column in contract.columns]
    query = STANDS.format(values=", ".join([*parts, "business_date"]), feed=contract.feed)
    found = connection.execute(query, [record_id])
    names = [column[0] for column in found.description or []]
    rows = found.fetchall()
    if not rows:
        raise NothingToRectifyError("there is no such record now: it was withdrawn, erased, or never was.")
    return dict(zip(names, rows[0], strict=True))


def _text(name: str, kind: ColumnType) -> str:
    if kind is ColumnType.timestamp:
        text = f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    elif kind is ColumnType.list:
        text = f"array_to_string({name}, ';')"
    else:
        text = f"CAST({name} AS VARCHAR)"
    return f"coalesce({text}, '')"


def _written(contract: Contract, row: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.delivered_as for column in contract.columns])
    writer.writerow([row[column.name] for column in contract.columns])
    return text.getvalue().encode("utf-8")


def _demand_none_waits(home: Home, feed: str, record_id: str) -> None:
    """Refuses a correction of what another one corrects with the next load: it would take back what that one says."""
    judged, own = _judged(home, feed), json.dumps({"record_id": record_id})[1:-1]
    for path in (home.landing / feed).glob(f"{feed}_*_9??.csv{MANIFEST}"):
        if path.name.removesuffix(MANIFEST) not in judged and own in path.read_text(encoding="utf-8", errors="replace"):
            raise NothingToRectifyError(
                "a correction of this record waits for the next load, and would be taken back by this one. Run `mic "
                "nightly` first."
            )


def _judged(home: Home, feed: str) -> list[str]:
    """Names of the feed's deliveries that a load has judged."""
    entries = ledger.read(home.ledger)
    return [entry["file_name"] for entry in entries if entry.get("feed") == feed and "file_name" in entry]


def _free_path(home: Home, feed: str, day: date) -> Path:
    """A name that no delivery of the day has had."""
    folder = home.landing / feed
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    names += _judged(home, feed)
    taken = {int(found[1]) for name in names if (found := re.match(rf"{feed}_{day:%Y%m%d}_(\d{{3}})\.", name))}
    free = next((number for number in range(FIRST, LAST + 1) if number not in taken), None)
    if free is None:
        raise TooManyDeliveriesError(f"{feed} has had all corrections that names of one day allow.")
    return folder / f"{feed}_{day:%Y%m%d}_{free:03d}.csv"
