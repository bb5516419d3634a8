"""Taking in what has landed: every delivery gets a verdict, every row a place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipelines.contracts import Contract
from pipelines.intake import standing, tables
from pipelines.intake.accounting import Counts, identity_of, judge_rows, quarantined_rows, write_bronze
from pipelines.intake.casting import MACROS
from pipelines.intake.codes import load_country_codes
from pipelines.intake.delivery import Landed, Manifest, RejectedError, check_regular, delivery_id, scan
from pipelines.intake.reading import Text
from pipelines.intake.replay import clear_quarantine, replay_requested
from pipelines.intake.verdicts import Drift, Row, find_drift, write_verdict
from pipelines.storage.faults import passage
from pipelines.storage.files import settle
from pipelines.storage.home import Home

Progress = Callable[[str, int, int], None]


@dataclass
class Selection:
    """Which deliveries a run takes in; everything that has landed by default."""

    feeds: Collection[str] | None = None
    business_dates: Collection[date] | None = None

    def wants(self, landed: Landed) -> bool:
        """Whether the delivery is part of the selection, by its folder and file name."""
        if self.feeds is not None and landed.contract.feed not in self.feeds:
            return False
        dates = self.business_dates
        return dates is None or any(day.strftime("_%Y%m%d_") in landed.name for day in dates)


@dataclass
class Intake:
    """One run of intake.

    Attributes:
        connection: The build database.
        home: Where things lie.
        contracts: The feeds.
        load_seq: The load that this run belongs to.
        today: Local date of the run; a business date after tomorrow is refused.
    """

    connection: duckdb.DuckDBPyConnection
    home: Home
    contracts: dict[str, Contract]
    load_seq: int
    today: date
    progress: Progress = field(default=lambda step, done, total: None)

    def run(self, selection: Selection) -> dict[str, int]:
        """Takes in what the selection wants and returns the number of deliveries by state."""
        self.connection.execute(MACROS)
        load_country_codes(self.connection)
        known = self._known_marks()
        waiting = [
            landed
            for contract in self.contracts.values()
            for landed in scan(self.home.landing, contract)
            if selection.wants(landed) and landed.mark not in known.get((contract.feed, landed.name), ())
        ]
        states: dict[str, int] = {}
        for number, landed in enumerate(waiting, 1):
            state = self._take(landed)
            states[state] = states.get(state, 0) + 1
            self.progress("take in", number, len(waiting))
        replay_requested(self.connection, self.home, self.contracts, self.load_seq)
        self.settle()
        return states

    def settle(self) -> None:
        """Decides which versions stand, feed by feed, and shows them in `raw`."""
        for contract in self.contracts.values():
            tables.refresh_raw(self.connection, self.home, contract)
            new = self.connection.execute(
                "SELECT count(*) FROM intake.delivery WHERE feed = $1 AND (load_seq = $2 OR list_contains(replayed_in, $2))",
                [contract.feed, self.load_seq],
            ).fetchall()[0][0]
            self.connection.begin()
            if new:
                standing.settle(self.connection, contract, self.load_seq)
            standing.list_changed(self.connection, contract, self.load_seq)
            clear_quarantine(self.connection, contract, self.load_seq)
            passage("standing.commit")
            self.connection.commit()

    def _known_marks(self) -> dict[tuple[str, str], set[str]]:
        rows = self.connection.execute("SELECT feed, file_name, list(mark) FROM intake.delivery GROUP BY ALL").fetchall()
        return {(feed, name): set(marks) for feed, name, marks in rows}

    def _take(self, landed: Landed) -> str:
        row: Row = {
            "feed": landed.contract.feed,
            "file_name": landed.name,
            "mark": landed.mark,
            "landed_at": landed.landed_at,
            "rows_accepted": 0,
            "rows_quarantined": 0,
            "rows_repeated": 0,
        }
        if not landed.has_manifest:
            self._write(row | {"delivery_id": delivery_id(row["feed"], landed.name, "waiting"), "state": "waiting"})
            return "waiting"
        try:
            check_regular(landed.path)
            manifest = landed.manifest()
            row |= self._declared(landed, manifest)
            return self._accept(landed, manifest, row)
        except RejectedError as error:
            row.setdefault("delivery_id", delivery_id(row["feed"], landed.name, landed.mark))
            self._write(row | {"state": "rejected", "reason": error.code, "message": str(error)})
            return "rejected"

    def _declared(self, landed: Landed, manifest: Manifest) -> Row:
        if (manifest.business_date - self.today).days > 1:
            raise RejectedError("future_date", "the business date lies in the future")
        created = manifest.created_at
        return {
            "delivery_id": identity_of(landed, manifest),
            "sha256": manifest.sha256.lower(),
            "business_date": manifest.business_date,
            "sequence": landed.sequence,
            "kind": manifest.kind,
            "supersedes": manifest.supersedes,
            "created_at": created.replace(tzinfo=UTC) if created and created.tzinfo is None else created,
            "sender": manifest.sender,
            "rows_declared": manifest.rows,
        }

    def _accept(self, landed: Landed, manifest: Manifest, row: Row) -> str:
        before = self.connection.execute(
            "SELECT count(*) FILTER (state = 'accepted'), count(*) FILTER (state = 'released') FROM intake.delivery "
            "WHERE delivery_id = $1",
            [row["delivery_id"]],
        ).fetchall()[0]
        text, counts = judge_rows(self.connection, landed, manifest, row["delivery_id"])
        row |= {
            "encoding": text.encoding,
            "delimiter": text.delimiter,
            "header": text.columns,
            "read_path": text.path,
            "rows_in_file": counts.in_file,
        }
        if before[0]:
            self._write(row | {"state": "duplicate", "reason": "already_delivered", "rows_repeated": counts.in_file})
            return "duplicate"
        share = counts.quarantined / counts.in_file if counts.in_file else 0.0
        if share > landed.contract.hold_share and not before[1]:
            message = f"{counts.quarantined} of {counts.in_file} rows would be quarantined; look at them, then release"
            self._write(row | {"state": "held", "reason": "too_many_bad_rows", "message": message})
            return "held"
        self._keep(landed, text, counts, row)
        return "accepted"

    def _keep(self, landed: Landed, text: Text, counts: Counts, row: Row) -> None:
        row |= {
            "state": "accepted",
            "load_seq": self.load_seq,
            "rows_accepted": counts.accepted,
            "rows_quarantined": counts.quarantined,
            "rows_repeated": counts.repeated,
        }
        if counts.accepted:
            write_bronze(self.connection, self.home, landed.contract, self.load_seq, row["delivery_id"])
        path = self._write_quarantine(landed, text, row["delivery_id"]) if counts.quarantined else None
        self._write(row, path, find_drift(self.connection, landed.contract, text))

    def _write_quarantine(self, landed: Landed, text: Text, name: str) -> Path:
        table = quarantined_rows(self.connection, landed, text)
        beside = self.home.temporary / f"{name}.quarantine.parquet"
        final = self.home.quarantine / landed.contract.feed / f"load_seq={self.load_seq}" / f"{name}.parquet"
        pq.write_table(table, beside)
        beside.chmod(0o600)
        settle(beside, final, "quarantine")
        return final

    def _write(self, row: Row, quarantine: Path | None = None, drift: list[Drift] | None = None) -> None:
        write_verdict(self.connection, self.home, self.load_seq, row, quarantine, drift or [])
