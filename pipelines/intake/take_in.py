"""Taking in what has landed: every delivery gets a verdict, every row a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq

from pipelines.contracts import Contract
from pipelines.intake import standing, tables
from pipelines.intake.accounting import (
    Counts,
    Opened,
    UnjudgedError,
    judge,
    open_delivery,
    write_bronze,
)
from pipelines.intake.codes import load_clocks, load_country_codes, load_former_states
from pipelines.intake.container import NeedsExactPathError
from pipelines.intake.delivery import Landed, Manifest, RejectedError, check_regular, delivery_id, scan
from pipelines.intake.held_back import quarantined_rows
from pipelines.intake.judged import IN_MEMORY, JudgedRows
from pipelines.intake.macros import MACROS
from pipelines.intake.parting import part
from pipelines.intake.replay import clear_quarantine, replay_requested
from pipelines.intake.selection import Selection
from pipelines.intake.verdicts import Row, Verdict, find_drift, together, write_verdicts
from pipelines.storage.arrow_memory import system_memory
from pipelines.storage.database import ZONE, on_threads
from pipelines.storage.faults import passage
from pipelines.storage.home import Home
from pipelines.storage.kept import KeptFile, keep

Progress = Callable[[str, int, int], None]
GROUP_ROWS = 100_000
GROUP_DELIVERIES = 100


@dataclass
class Candidate:
    """A delivery that can be judged, with what its verdict will say so far."""

    opened: Opened
    row: Row

    @property
    def rows(self) -> int:
        """Rows that its manifest declares."""
        return self.opened.manifest.rows

    def joins(self, group: list[Candidate]) -> bool:
        """Whether it can be judged in one statement with the group."""
        if not group:
            return True
        first = group[0].opened
        same = first.landed.contract is self.opened.landed.contract and first.text.columns == self.opened.text.columns
        return same and len(group) < GROUP_DELIVERIES and sum(other.rows for other in group) + self.rows <= GROUP_ROWS


@dataclass
class Intake:
    """One run of intake.

    Attributes:
        connection: The build database.
        home: Where things lie.
        contracts: The feeds.
        load_seq: The load that this run belongs to.
        today: Local date of the run; a business date after tomorrow is refused.
        progress: Told how far the run is.
        in_memory: Bytes of a group of deliveries that stay in memory; where there are more, they go to a file.
        left: Deliveries that wait for the next load, because this one is full.
    """

    connection: duckdb.DuckDBPyConnection
    home: Home
    contracts: dict[str, Contract]
    load_seq: int
    today: date
    progress: Progress = field(default=lambda step, done, total: None)
    in_memory: int = IN_MEMORY
    left: int = field(default=0, init=False)

    def run(self, selection: Selection) -> dict[str, int]:
        """Takes in what the selection wants and returns the number of deliveries by state."""
        self.connection.execute(MACROS)
        load_country_codes(self.connection)
        load_former_states(self.connection)
        load_clocks(self.connection)
        unjudged = self._unjudged(selection)
        landed = selection.fitting(unjudged, self._taken())
        self.left = len(unjudged) - len(landed)
        states: Counter[str] = Counter()
        self.progress("take in", 0, len(landed))
        with on_threads(self.connection, 1):
            for verdicts in together(self._verdicts(landed), GROUP_DELIVERIES, GROUP_ROWS):
                write_verdicts(self.connection, self.home, self.load_seq, verdicts)
                states.update(verdict.row["state"] for verdict in verdicts)
                self.progress("take in", states.total(), len(landed))
        replay_requested(self.connection, self.home, self.contracts, self.load_seq)
        self.settle()
        return dict(states)

    def settle(self) -> None:
        """Decides which versions stand and shows them in `raw`; feeds without news stay as they are."""
        found = self.connection.execute(
            """SELECT DISTINCT feed FROM intake.delivery
            WHERE load_seq = $load OR list_contains(replayed_in, $load)""",
            {"load": self.load_seq},
        ).fetchall()
        news = [contract for contract in self.contracts.values() if (contract.feed,) in found]
        tables.refresh_raw(self.connection, self.home, self.contracts.values())
        self.connection.begin()
        self.connection.execute("DELETE FROM intake.changed_record")
        if news:
            standing.settle(self.connection, self.home, news, self.load_seq)
            standing.list_changed(self.connection, self.load_seq)
            clear_quarantine(self.connection, self.home, self.load_seq)
        part(self.connection, self.home, self.contracts, self.load_seq)
        passage("standing.commit")
        self.connection.commit()

    def _unjudged(self, selection: Selection) -> list[Landed]:
        """What has no verdict yet, or was refused for a business date that lay in the future and no longer does."""
        marks = """SELECT feed, file_name, list(mark) FROM intake.delivery
        WHERE reason IS DISTINCT FROM 'future_date' OR business_date > $today + 1 GROUP BY ALL"""
        found = self.connection.execute(marks, {"today": self.today}).fetchall()
        known = {(feed, name): set(found_marks) for feed, name, found_marks in found}
        return [
            landed
            for contract in self.contracts.values()
            for landed in scan(self.home.landing, contract)
            if selection.wants(landed) and landed.mark not in known.get((contract.feed, landed.name), ())
        ]

    def _taken(self) -> int:
        """Rows that the load took in before it was killed."""
        taken = "SELECT coalesce(sum(rows_accepted), 0) FROM intake.delivery WHERE load_seq = $1"
        return int(self.connection.execute(taken, [self.load_seq]).fetchall()[0][0])

    def _verdicts(self, landed: list[Landed]) -> Iterator[list[Verdict]]:
        group: list[Candidate] = []
        for delivery in landed:
            found = self._open(delivery)
            if isinstance(found, Verdict):
                yield [found]
                continue
            if not found.joins(group):
                yield self._judge(group)
                group = []
            group.append(found)
        if group:
            yield self._judge(group)

    def _open(self, landed: Landed, exact: bool = False) -> Candidate | Verdict:
        row: Row = {
            "feed": landed.contract.feed,
            "file_name": landed.name,
            "mark": landed.mark,
            "landed_at": landed.landed_at,
            "rows_accepted": 0,
            "rows_quarantined": 0,
            "rows_repeated": 0,
            "delivery_id": delivery_id(landed.contract.feed, landed.name, landed.mark),
        }
        if not landed.has_manifest:
            return Verdict(row | {"state": "waiting", "message": "the manifest has not come yet"})
        try:
            manifest = landed.manifest()
            row |= _declared(landed, manifest)
            check_regular(landed.path)
            if (manifest.business_date - self.today).days > 1:
                raise RejectedError("future_date", "the business date lies in the future")
            return Candidate(open_delivery(self.connection, landed, manifest, exact), row)
        except RejectedError as error:
            return _rejected(row, error)

    @system_memory()
    def _judge(self, group: list[Candidate]) -> list[Verdict]:
        try:
            opened = [candidate.opened for candidate in group]
            rows, results = judge(self.connection, self.home, opened, self.in_memory)
        except UnjudgedError as error:
            return self._judge_without(group, error)
        ids = [candidate.opened.identity for candidate in group]
        known = self.connection.execute(
            "SELECT delivery_id, list(state) FROM intake.delivery WHERE list_contains($1, delivery_id) GROUP BY ALL",
            [ids],
        )
        states = dict(known.fetchall())
        verdicts = [
            _decided(candidate, result, states.get(name, []), self.today)
            for candidate, result, name in zip(group, results, ids, strict=True)
        ]
        self._keep(rows, group, verdicts)
        rows.forget()
        return verdicts

    def _judge_without(self, group: list[Candidate], error: UnjudgedError) -> list[Verdict]:
        """The delivery that could not be read is rejected or read record by record, the others are judged again."""
        failed = group[error.number]
        if isinstance(error.cause, RejectedError):
            verdicts = [_rejected(failed.row, error.cause)]
        elif isinstance(error.cause, NeedsExactPathError) and failed.opened.text.path == "fast":
            verdicts = self._judge_again([failed], exact=True)
        else:
            raise error.cause
        others = [candidate for candidate in group if candidate is not failed]
        return verdicts + (self._judge_again(others) if others else [])

    def _judge_again(self, group: list[Candidate], exact: bool = False) -> list[Verdict]:
        opened = [self._open(candidate.opened.landed, exact) for candidate in group]
        candidates = [found for found in opened if isinstance(found, Candidate)]
        verdicts = [found for found in opened if isinstance(found, Verdict)]
        return verdicts + (self._judge(candidates) if candidates else [])

    def _keep(self, rows: JudgedRows, group: list[Candidate], verdicts: list[Verdict]) -> None:
        """Writes the rows of those that are accepted, and what is unknown in them."""
        contract = group[0].opened.landed.contract
        kept = {n: (c.opened, v) for n, (c, v) in enumerate(zip(group, verdicts, strict=True)) if v.is_accepted}
        names = {n: opened.identity for n, (opened, verdict) in kept.items() if verdict.row["rows_accepted"]}
        files = write_bronze(rows, self.home, contract, self.load_seq, names)
        drift = find_drift(self.connection, rows, contract, {n: opened.text for n, (opened, _) in kept.items()})
        for number, (opened, verdict) in kept.items():
            verdict.row["load_seq"] = self.load_seq
            verdict.drift = drift[number]
            verdict.bronze = files.get(number)
            if verdict.row["rows_quarantined"]:
                verdict.quarantine = self._write_quarantine(opened, number)

    def _write_quarantine(self, opened: Opened, number: int) -> KeptFile:
        beside = self.home.temporary / f"{opened.identity}.quarantine.parquet"
        folder = self.home.quarantine / opened.landed.contract.feed / f"load_seq={self.load_seq}"
        pq.write_table(quarantined_rows(self.connection, opened, number), beside)
        return keep(self.home, beside, folder / f"{opened.identity}.parquet", "quarantine")


def _declared(landed: Landed, manifest: Manifest) -> Row:
    created = manifest.created_at
    return {
        "delivery_id": delivery_id(landed.contract.feed, landed.name, manifest.sha256.lower()),
        "sha256": manifest.sha256.lower(),
        "business_date": manifest.business_date,
        "sequence": landed.sequence,
        "kind": manifest.kind,
        "supersedes": manifest.supersedes,
        "created_at": created.replace(tzinfo=ZoneInfo(ZONE)) if created and created.tzinfo is None else created,
        "sender": manifest.sender,
        "rows_declared": manifest.rows,
    }


def _decided(candidate: Candidate, result: Counts | RejectedError, states: list[str], today: date) -> Verdict:
    """The verdict on a delivery that could be read; `states` are those that the ledger already has of it."""
    if isinstance(result, RejectedError):
        return _rejected(candidate.row, result)
    opened = candidate.opened
    row = candidate.row | {
        "encoding": opened.text.encoding,
        "delimiter": opened.text.delimiter,
        "header": opened.text.columns,
        "read_path": opened.text.path,
        "rows_in_file": result.in_file,
    }
    if "accepted" in states:
        return Verdict(row | {"state": "duplicate", "reason": "already_delivered", "rows_repeated": result.in_file})
    share = result.quarantined / result.in_file if result.in_file else 0.0
    if share > opened.landed.contract.hold_share and "released" not in states:
        why = f" ({result.why})" if result.why else ""
        message = f"{result.quarantined} of {result.in_file} rows would be quarantined{why}; release it if it is right"
        return Verdict(row | {"state": "held", "reason": "too_many_bad_rows", "message": message})
    years = opened.landed.contract.corrected_for_years
    if opened.manifest.corrects_before(today, years) and "released" not in states:
        message = (
            f"it corrects a day more than {years} years back, beyond the term of its feed; release it if it is right"
        )
        return Verdict(row | {"state": "held", "reason": "correction_after_term", "message": message})
    counts = {
        "rows_accepted": result.accepted,
        "rows_quarantined": result.quarantined,
        "rows_repeated": result.repeated,
    }
    return Verdict(row | counts | {"state": "accepted"})


def _rejected(row: Row, error: RejectedError) -> Verdict:
    return Verdict(row | {"state": "rejected", "reason": error.code, "message": str(error)})
