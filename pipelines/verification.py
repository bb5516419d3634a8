"""Whether the centre tells the same story everywhere: ledger, files, database, registry and publications.

Nothing is changed. A check says in numbers and names of files what is wrong, never a value of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations import PROMISES
from pipelines import audit
from pipelines.identity import sealing
from pipelines.intake import kept_files
from pipelines.intake.tables import PLAIN, bronze_files
from pipelines.settings import Settings
from pipelines.storage import Home, ledger, open_build, published_file, run_lock
from pipelines.storage.database import quoted
from pipelines.storage.kept import sha256
from pipelines.storage.keys import KeyMissingError
from pipelines.storage.loads import demand_layout
from pipelines.storage.scanning import unreadable_tables
from pipelines.storage.sessions import open_generation

PUBLISHED = ("restricted", "asylum", "analysis", "aggregates")
UNACCOUNTED = """SELECT feed || '/' || file_name FROM intake.delivery WHERE state = 'accepted'
AND (rows_in_file <> rows_accepted + rows_quarantined + rows_repeated OR rows_in_file <> rows_declared) ORDER BY ALL"""
ERASED = """gone AS (
  SELECT delivery_id, sum(row_count) FILTER (kind = 'bronze') AS bronze,
    sum(row_count) FILTER (kind = 'quarantine') AS quarantine
  FROM intake.erased GROUP BY delivery_id
)"""
INVERTED = """SELECT '{table}: ' || count(*) || ' rows end before they begin to be known' FROM {table}
WHERE known_to_seq <= known_from_seq HAVING count(*) > 0"""


Part = Callable[[duckdb.DuckDBPyConnection, Home, Settings], "Check"]


@dataclass(frozen=True)
class Check:
    """One check and what it found.

    Attributes:
        name: What is claimed.
        looked_at: How many things were compared.
        problems: What contradicts it; empty where it holds.
    """

    name: str
    looked_at: int
    problems: list[str]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.problems


def verify(
    settings: Settings,
    progress: Callable[[str, int, int], None] | None = None,
    head: str = "",
    count: int | None = None,
    identity_head: str = "",
) -> list[Check]:
    """Runs every check, under the lock, and returns them all.

    Args:
        settings: Where the centre lies.
        progress: Told each check.
        head: Hash of the head of the chain of looks, as it was kept elsewhere.
        count: Number of its lines then.
        identity_head: Hash of the head of the identity ledger's chain, as it was kept elsewhere.

    Raises:
        LockHeldError: A load is running.
    """
    home = Home(settings.home)
    with run_lock(home.lock, "mic verify", settings.lock_wait_seconds), open_build(settings) as connection:
        demand_layout(connection)
        checks = []
        for number, part in enumerate(PARTS, start=1):
            if progress is not None:
                progress(f"check {part.__name__.strip('_').replace('_', ' ')}", number, len(PARTS))
            checks.append(_looked(part, connection, home, settings))
    kept = [_identity_head(home, identity_head)] if identity_head else []
    return [*checks, _generations(settings), _looks(home, head, count), *kept]


def _looked(part: Part, connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    """One check; where the engine cannot read what it looks at, that is what it found."""
    try:
        return part(connection, home, settings)
    except duckdb.Error as error:
        name = part.__name__.strip("_").replace("_", " ")
        return Check(f"{name} can be read", 0, [f"it cannot ({type(error).__name__})"])


def _ledger(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    entries = list(ledger.read(home.ledger))
    said: set[tuple[Any, ...]] = {
        (e["delivery_id"], e["load"], e["rows_in_file"], e["rows_accepted"] + e["rows_quarantined"], e["rows_repeated"])
        for e in entries
        if e["what"] == "delivery" and e["state"] == "accepted"
    }
    said |= {("load", e["load"]) for e in entries if e["what"] == "load"}
    kept: set[tuple[Any, ...]] = set(
        connection.execute(
            """SELECT delivery_id, load_seq, rows_in_file, rows_accepted + rows_quarantined, rows_repeated
            FROM intake.delivery WHERE state = 'accepted'"""
        ).fetchall()
    )
    kept |= set(connection.execute("SELECT 'load', load_seq FROM meta.load WHERE state = 'committed'").fetchall())
    problems = [f"only the ledger has {entry[:2]}" for entry in sorted(said - kept, key=str)]
    problems += [f"only the database has {entry[:2]}" for entry in sorted(kept - said, key=str)]
    return Check("ledger and database tell the same", len(said | kept), problems)


def _landed(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    rows = connection.execute(
        "SELECT feed, file_name, list(sha256) FROM intake.delivery WHERE state = 'accepted' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    files = [(home.landing / feed / name, hashes) for feed, name, hashes in rows]
    present = [(path, hashes) for path, hashes in files if path.exists()]
    problems = [f"{path} is not the file that was accepted" for path, hashes in present if sha256(path) not in hashes]
    return Check("landed files are those that were accepted", len(present), problems)


def _kept(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    files = kept_files(connection)
    problems = [problem for file in files if (problem := file.problem(home))]
    return Check("kept files have the hashes that the ledger says", len(files), problems)


def _promises(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    """Judged of the whole registry, where a load judges what it may have changed."""
    problems = [
        f"{promise.id}: {count} cases against it"
        for promise in PROMISES
        if (count := connection.execute(f"SELECT count(*) FROM ({promise.of_all})").fetchall()[0][0])
    ]
    return Check("the promises about the registry hold", len(PROMISES), problems)


def _identity(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    rows = connection.execute("SELECT load_seq FROM meta.load WHERE state = 'committed' ORDER BY ALL").fetchall()
    problems = sealing.problems(home, [load_seq for (load_seq,) in rows])
    return Check("the identity ledger is the one that its chain tells", len(sealing.ledger_files(home)), problems)


def _identity_head(home: Home, head: str) -> Check:
    found = audit.check(sealing.chain_path(home), head)
    return Check("the identity ledger goes on from the head that was kept", found.head.count, found.problems)


def _blocks(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    found = unreadable_tables(connection)
    return Check("every block of the database can be read", found.tables, found.problems)


def _bronze(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    rows = connection.execute(
        f"""WITH {ERASED}
        SELECT feed, list((delivery_id, rows_accepted - coalesce(gone.bronze, 0)) ORDER BY delivery_id)
        FROM intake.delivery LEFT JOIN gone USING (delivery_id)
        WHERE state = 'accepted' AND rows_accepted > 0 GROUP BY feed ORDER BY feed"""
    ).fetchall()
    problems = []
    files = bronze_files(connection, home)
    for feed, deliveries in rows:
        listed = ", ".join(quoted(path) for path in files[feed] if path.exists())
        counted = f"SELECT delivery_id, count(*) FROM read_parquet([{listed}], {PLAIN}) GROUP BY delivery_id"
        found = dict(connection.execute(counted).fetchall()) if listed else {}
        problems += [
            f"bronze {feed} delivery {name}: {found.get(name, 0)} rows, the ledger says {accepted}"
            for name, accepted in deliveries
            if found.get(name, 0) != accepted
        ]
    return Check("bronze files hold the rows that were accepted", sum(len(found) for _, found in rows), problems)


def _rows(path: Path) -> int:
    """Rows of a Parquet file by its metadata; a file that is missing or torn has none."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid):
        return 0


def _accounting(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    return Check("every row of every delivery has a place", *_listed(connection, UNACCOUNTED, "intake.delivery"))


def _quarantine(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    rows = connection.execute(
        f"""WITH {ERASED}
        SELECT d.feed, d.delivery_id, d.load_seq, d.rows_quarantined - coalesce(gone.quarantine, 0) AS said,
          count(q.row_ordinal) FILTER (q.replayed_in IS NULL), count(q.row_ordinal) AS ever_held
        FROM intake.delivery d LEFT JOIN intake.quarantine q ON q.delivery_id = d.delivery_id
        LEFT JOIN gone ON gone.delivery_id = d.delivery_id
        WHERE d.state = 'accepted' GROUP BY ALL HAVING ever_held > 0 OR said > 0 ORDER BY ALL"""
    ).fetchall()
    problems = []
    for feed, name, load_seq, said, held, ever_held in rows:
        filed = _rows(home.quarantine / feed / f"load_seq={load_seq}" / f"{name}.parquet")
        if said != held or filed != ever_held:
            found = f"{said} held back by the ledger, {held} of {ever_held} listed, {filed} kept"
            problems.append(f"{feed} delivery {name}: {found}")
    return Check("quarantine holds the rows that were held back", len(rows), problems)


def _raw(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    shown = "SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'raw'"
    feeds = sorted(name for (name,) in connection.execute(shown).fetchall())
    problems, looked_at = [], 0
    for feed in feeds:
        rows, orphans = connection.execute(
            f"""SELECT count(*), count(*) FILTER (d.delivery_id IS NULL) FROM raw.{feed} r
            LEFT JOIN intake.delivery d ON d.delivery_id = r.delivery_id AND d.state = 'accepted'"""
        ).fetchall()[0]
        looked_at += rows
        problems += [f"raw.{feed}: {orphans} rows of no accepted delivery"] if orphans else []
    return Check("every row of raw belongs to a delivery", looked_at, problems)


def _known_times(connection: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> Check:
    tables = history_tables(connection)
    problems = [text for table in tables for (text,) in connection.execute(INVERTED.format(table=table)).fetchall()]
    return Check("no fact ends before it is known", len(tables), problems)


def history_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables of the registry that keep both time axes."""
    rows = connection.execute(
        """SELECT schema_name || '.' || table_name FROM duckdb_columns() JOIN duckdb_tables()
        USING (database_name, schema_name, table_name)
        WHERE database_name = current_database() AND schema_name = 'registry' AND column_name = 'known_to_seq'
        ORDER BY ALL"""
    ).fetchall()
    return [name for (name,) in rows]


def _listed(connection: duckdb.DuckDBPyConnection, query: str, table: str) -> tuple[int, list[str]]:
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    return rows, [str(text) for (text,) in connection.execute(query).fetchall()]


def _looks(home: Home, head: str, count: int | None) -> Check:
    found = audit.check(home.access_log, head, count)
    return Check("the chain of looks at persons is whole", found.head.count, found.problems)


def _generations(settings: Settings) -> Check:
    found = list(_releases(settings))
    problems = [problem for _, problem in found if problem]
    if len({release for release, problem in found if not problem}) > 1:
        problems.append("the published files are not of one release; run `mic nightly` to publish them together")
    return Check("published files open and belong together", len(found), problems)


def _releases(settings: Settings) -> Iterator[tuple[Any, str]]:
    for name in PUBLISHED:
        path, key = published_file(settings, name)
        if not path.exists():
            yield None, f"{path} is missing"
            continue
        try:
            with open_generation(settings, path, key) as connection:
                release = connection.execute("SELECT release_id, load_seq FROM meta.release").fetchall()[0]
        except (duckdb.Error, KeyMissingError, IndexError) as error:
            yield None, f"{path} cannot be read ({type(error).__name__})"
            continue
        of_name = path.resolve().stem.rsplit("-", 1)[-1]
        yield release, "" if of_name == str(release[1]) else f"{path} points at {of_name} and says load {release[1]}"


PARTS: tuple[Part, ...] = (
    _ledger,
    _landed,
    _bronze,
    _kept,
    _accounting,
    _quarantine,
    _raw,
    _identity,
    _promises,
    _known_times,
    _blocks,
)
