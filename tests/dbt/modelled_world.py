"""A small build database for the models: raw tables as intake shows them, identity as one document per person.

A person of this world is the document number; `P` + number is the person id. Linkage is not under test here.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines import presence
from pipelines.contracts import load_contracts
from pipelines.modelling import AFTER_LINKING, BEFORE_LINKING, NodeResult, build
from pipelines.settings import Settings
from pipelines.storage import Home, open_build
from pipelines.storage.keys import make_missing_keys
from tests.dbt.raw_tables import create_tables, end_versions

PARTED_NOW = """INSERT INTO intake.changed_record SELECT feed, record_id FROM intake.parted_record
    WHERE known_from_seq = ? AND (feed, record_id) NOT IN (SELECT (feed, record_id) FROM intake.changed_record)"""
LINK = """
    DELETE FROM linkage.person_observation WHERE known_from_seq >= $seq;
    INSERT INTO linkage.person_observation
    SELECT observation_id, 'P' || document_number, $seq, NULL FROM intermediate.observation
    WHERE observation_id NOT IN (SELECT observation_id FROM linkage.person_observation);
    DELETE FROM linkage.touched_person;
    INSERT INTO linkage.touched_person
    SELECT DISTINCT link.person_id FROM intake.changed_record
    JOIN intermediate.source_record USING (feed, record_id)
    JOIN linkage.person_observation AS link USING (observation_id) WHERE link.person_id IS NOT NULL;
"""


class World:
    """A home whose deliveries are written straight into `raw`."""

    def __init__(self, folder: Path, is_new: bool = True) -> None:
        self._settings = Settings(home=folder, memory_limit="1GB", threads=1)
        self._open = ExitStack()
        self._reader: duckdb.DuckDBPyConnection | None = None
        self.contracts = load_contracts(self.settings.sources)
        self.first_night: list[tuple[Any, ...]] = []
        if not is_new:
            return
        Home(folder).prepare()
        make_missing_keys(self.settings)
        with open_build(self.settings) as connection:
            create_tables(connection, self.contracts.values())
            presence.lay_out(connection, Home(folder))

    @property
    def settings(self) -> Settings:
        """Where the world lies, for whoever opens it: the connection that queries share is closed first."""
        self._open.close()
        self._reader = None
        return self._settings

    def deliver(
        self, seq: int, feed: str, rows: list[dict[str, Any]], on: date = date(2026, 1, 31), kind: str = "increment"
    ) -> None:
        """Rows of one delivery; a row with a known record id takes the place of the earlier version.

        A snapshot closes the records that it lacks.
        """
        contract = self.contracts[feed]
        with open_build(self.settings) as connection:
            delivery = f"{feed} {kind} of load {seq} for {on}"
            connection.execute(
                "INSERT INTO quality.delivery VALUES (?, ?, ?, 'accepted', ?, NULL, ?, ?)",
                [feed, delivery, on, kind, len(rows), seq],
            )
            if kind == "snapshot":
                end_versions(connection, seq, feed, "superseded")
            told = {record for (record,) in _rows(connection, f"SELECT DISTINCT record_id FROM raw.{feed}")}
            connection.begin()
            for row in rows:
                record_id = "|".join(str(row[name]) for name in contract.record_id)
                if record_id in told:
                    end_versions(connection, seq, feed, "superseded", record_id)
                told.add(record_id)
                full = row | {"record_id": record_id, "delivery_id": delivery, "business_date": on}
                full |= {"load_seq": seq, "known_from_seq": seq}
                marks = ", ".join("?" for _ in full)
                connection.execute(f"INSERT INTO raw.{feed} ({', '.join(full)}) VALUES ({marks})", list(full.values()))
            connection.commit()
            day = contract.happened_on or f"CAST({contract.event_time or 'business_date'} AS DATE)"
            connection.execute(f"UPDATE raw.{feed} SET happened_on = {day} WHERE load_seq = ?", [seq])

    def load(self, seq: int, full_refresh: bool = False) -> list[NodeResult]:
        """Models load `seq`: events, identity, registry and statistics."""
        with open_build(self.settings) as connection:
            connection.execute("DELETE FROM meta.load WHERE load_seq = ?", [seq])
            connection.execute("INSERT INTO meta.load VALUES (?, 'open', now())", [seq])
            connection.execute("DELETE FROM intake.changed_record")
            for feed in self.contracts:
                connection.execute(
                    f"INSERT INTO intake.changed_record SELECT DISTINCT '{feed}', record_id FROM raw.{feed} "
                    "WHERE load_seq = ? OR known_to_seq = ?",
                    [seq, seq],
                )
            connection.execute(PARTED_NOW, [seq])
        before = build(self.settings, BEFORE_LINKING, seq, full_refresh)
        with open_build(self.settings) as connection:
            for statement in LINK.replace("$seq", str(seq)).split(";"):
                connection.execute(statement)
        return before + build(self.settings, AFTER_LINKING, seq, full_refresh)

    def withdraw(self, seq: int, feed: str, record_id: str) -> None:
        """A record loses its current version without a successor."""
        with open_build(self.settings) as connection:
            end_versions(connection, seq, feed, "withdrawn", record_id)

    def copy(self, folder: Path) -> World:
        """The same world in another home."""
        shutil.copytree(self.settings.home, folder)
        return World(folder, is_new=False)

    def execute(self, statement: str) -> None:
        """Changes the build database by hand."""
        with open_build(self.settings) as connection:
            connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the build database answers."""
        if self._reader is None:
            self._reader = self._open.enter_context(open_build(self._settings))
        return _rows(self._reader, query)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def crossing(number: str, at: str, direction: str, person: str, **more: Any) -> dict[str, Any]:
    """One crossing of the person whose document is `person`."""
    row = {
        "event_id": number,
        "event_at": f"{at}:00+05:00",
        "direction": direction,
        "post_code": "ALA",
        "purpose": "tourism",
        "surname": "Example",
        "birth_date": "1990-03-05",
        "sex": "F",
        "citizenship": "UZB",
        "document_number": person,
    }
    return row | more


def permit(number: str, person: str, kind: str, action: str, on: str, **more: Any) -> dict[str, Any]:
    """One decision on a residence permit of the person whose document is `person`."""
    row = {
        "decision_id": number,
        "permit_id": f"permit of {person}",
        "permit_type": kind,
        "action": action,
        "decided_on": on,
        "surname": "Example",
        "birth_date": "1990-03-05",
        "sex": "F",
        "citizenship": "UZB",
        "document_number": person,
    }
    return row | more


def notification(number: str, person: str, at: str, **more: Any) -> dict[str, Any]:
    """One notification about the person whose document is `person`."""
    row = {
        "notification_id": number,
        "action": "arrived",
        "reported_at": f"{at}:00+05:00",
        "surname": "Example",
        "birth_date": "1990-03-05",
        "sex": "F",
        "citizenship": "UZB",
        "document_number": person,
    }
    return row | more


def populate_first_night(world: World) -> None:
    """One person per way in which entries, exits and signs of life can fit together."""
    world.deliver(
        1,
        "border_crossings",
        [
            crossing("m1", "2026-01-02 10:00", "entry", "MATCHED", destination_kato="751110000"),
            crossing("m2", "2026-01-10 10:00", "exit", "MATCHED"),
            crossing("o1", "2026-01-05 23:59", "entry", "OPEN"),
            crossing("d1", "2026-01-03 09:00", "entry", "DOUBLE"),
            crossing("d2", "2026-01-20 09:00", "entry", "DOUBLE"),
            crossing("x1", "2026-01-08 09:00", "exit", "EXITONLY"),
            crossing("r1", "2026-01-08 09:00", "refused_entry", "REFUSED"),
            crossing("s1", "2026-01-04 09:00", "entry", "SAMEDAY"),
            crossing("s2", "2026-01-04 18:00", "exit", "SAMEDAY"),
            crossing("n1", "2026-01-06 09:00", "entry", "NEWCITIZEN"),
            crossing("k1", "2026-01-06 09:00", "entry", "DEAD"),
            {
                "event_id": "c1",
                "event_at": "2026-01-06 09:00:00+05:00",
                "direction": "entry",
                "post_code": "ALA",
                "citizenship": "KAZ",
                "is_citizen_stripped": True,
            },
        ],
        on=date(2026, 1, 1),
    )
    world.deliver(
        1,
        "stay_notifications",
        [
            notification("h1", "OPEN", "2026-01-07 12:00", kato="711010000", stay_from="2026-01-05", host_type="hotel"),
            notification("h2", "NOTIFIED", "2026-01-07 12:00", kato="000", stay_from="2026-01-07"),
            notification("h3", "SAMEDAY", "2026-01-06 12:00", stay_from="2026-01-04", stay_until="2026-01-04"),
        ],
    )
    populate_registers(world)


RETURNEE = {"case_id": "k", "surname": "Example", "citizenship": "CHN", "birth_date": "1990-03-05", "sex": "F"}
RETURNEE |= {"document_number": "RETURNEE", "kato": "711010000"}


def populate_registers(world: World) -> None:
    """Whom no crossing tells of: residents, one who is invited, a returnee."""
    held = {"valid_from": "2026-01-03", "valid_until": "2026-12-31", "kato": "711010000"}
    kinds = {"RESIDENT": "permanent_residence", "HOLDER": "temporary_residence", "INVITED": "visa"}
    rows = [permit(f"r{name}", name, kind, "granted", "2026-01-03", **held) for name, kind in kinds.items()]
    world.deliver(1, "residence_permits", rows)
    world.deliver(1, "kandas_cases", [RETURNEE | {"event_id": "k1", "event": "granted", "event_on": "2026-01-04"}])


def populate_second_night(world: World) -> None:
    """A corrected exit, a withdrawn entry, a late exit, a death, new citizens, a labour permit, a holder who comes.

    A steward keeps an exit apart from the entry that says the same of a person.
    """
    world.deliver(
        2,
        "border_crossings",
        [
            crossing("m2", "2026-01-15 10:00", "exit", "MATCHED"),
            crossing("o2", "2026-01-30 10:00", "exit", "OPEN"),
            crossing("h4", "2026-01-30 10:00", "entry", "HOLDER"),
        ],
    )
    acquired = {"event_id": "k2", "event": "citizenship_acquired", "event_on": "2026-01-20"}
    world.deliver(2, "kandas_cases", [RETURNEE | acquired])
    world.withdraw(2, "border_crossings", "d2")
    person = {"surname": "Example", "citizenship": "UZB", "birth_date": "1990-03-05", "sex": "F"}
    world.deliver(
        2,
        "civil_events",
        [person | {"act_id": "a1", "event": "death", "event_on": "2026-01-12", "document_number": "DEAD"}],
    )
    act = {"act_id": "c1", "action": "acquired", "effective_on": "2026-01-25", "to_citizenship": "KAZ"}
    world.deliver(2, "citizenship_acts", [person | act | {"document_number": "NEWCITIZEN"}])
    labour = {"decision_id": "l1", "permit_id": "l", "scheme": "seasonal", "action": "granted"}
    labour |= {"decided_on": "2026-01-10", "valid_from": "2026-01-10", "valid_until": "2026-01-19"}
    world.deliver(2, "labour_permits", [person | labour | {"document_number": "NOTIFIED", "kato": "471010000"}])
    world.execute("INSERT INTO intake.parted_record VALUES ('border_crossings', 's2', 2, NULL)")
    verdict = {"decision_id": "v", "left_record_id": "s1", "right_record_id": "s2", "verdict": "different"}
    world.deliver(2, "steward_decisions", [verdict], on=date(2026, 3, 1))
