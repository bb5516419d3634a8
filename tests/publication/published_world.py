"""A small state of a few travellers, loaded by whole nights and published.

One of them is the canary: every value that must not leave the restricted file occurs in this person's records alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.nightly import run_nightly
from pipelines.settings import Settings
from pipelines.storage import attach_file, open_build, open_memory, published_file
from pipelines.storage.loads import Load

CANARIES = {
    "surname": "ZZKANARIENVOGEL",
    "given name": "Quetzalina",
    "birth date": "1987-06-13",
    "document": "KNRY7712345",
    "IIN": "870613400014",
    "address": "Volierenweg 4711",
    "ethnicity": "Papageienfreund",
    "host": "880614300017",
    "kandas case": "KCKNRY0817",
    "place in the family": "Papageienmutter",
    "result of support": "Vogelfutter gekauft",
    "article": "KNRY Paragraf 4713",
    "court": "Vogelgericht",
    "centre": "KNRYKAEFIG1",
    "end of the ban": "2031-07-19",
    "wage": "471147.11",
    "payer of a move": "Vogelfreunde",
}
# What only the file of asylum officers may hold, the identified registry neither.
ASYLUM_CANARIES = {
    "asylum case": "ACKNRY0815",
    "family in search of asylum": "AFKNRY0816",
    "need": "kanarienkaefig",
    "area of return": "Kanarische Inseln 4712",
}
CANARY = {
    "surname": CANARIES["surname"],
    "given_names": CANARIES["given name"],
    "birth_date": CANARIES["birth date"],
    "document_number": CANARIES["document"],
    "iin": CANARIES["IIN"],
}
PERSON = {"sex": "F", "citizenship": "UZB", "document_type": "P", "document_state": "UZB"}
NOTICE = {
    "notification_id": "N-1",
    "action": "arrived",
    "reported_at": "2026-01-02T09:00:00+05:00",
    "stay_from": "2026-01-01",
    "kato": "751110000",
    "address": CANARIES["address"],
    "host_type": "person",
    **PERSON,
    **CANARY,
    "host_id": CANARIES["host"],
}


def settings_of(home: Path, fault: str = "") -> Settings:
    """Settings of a home with keys of its own."""
    keys = {name: f"{name}-key-of-the-tests" for name in ("registry", "asylum", "analysis")}
    return Settings(home=home, keys=keys, fault=fault, memory_limit="1GB", threads=1, lock_wait_seconds=0.0)


def deliver(
    home: Path, feed: str, day: date, rows: list[dict[str, Any]], sequence: int = 1, kind: str | None = None
) -> None:
    """Lays one delivery into the landing folder, manifest last."""
    folder = home / "landing" / feed
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / f"{feed}_{day:%Y%m%d}_{sequence:03d}.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    manifest = {"feed": feed, "business_date": day.isoformat(), "rows": len(rows), "sequence": sequence, "kind": kind}
    manifest |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def crossing(number: str, day: str, direction: str, person: str, **more: Any) -> dict[str, Any]:
    """One passage of the person with the document `person`."""
    own = {"event_id": number, "event_at": f"{day}T10:00:00+05:00", "direction": direction, "post_code": "KORDAY"}
    own |= {"purpose": "tourism", "ethnicity": ""}
    return own | PERSON | {"surname": "Example", "birth_date": "1990-03-05", "document_number": person} | more


def first_deliveries(home: Path) -> None:
    """January, in which the canary enters, is notified, and has one record held back."""
    others = [crossing(f"E-{n}", "2026-01-01", "entry", f"DOC10{n}") for n in range(4)]
    canary = CANARY | {"ethnicity": CANARIES["ethnicity"]}
    deliver(home, "border_crossings", date(2026, 1, 1), [*others, crossing("E-9", "2026-01-01", "entry", "", **canary)])
    refused = [crossing(f"E-3{n}", "2026-01-31", "refused_entry", f"DOC30{n}") for n in range(6)]
    own = crossing("E-40", "2026-01-31", "exit", "DOC400", citizenship="KAZ", document_state="KAZ")
    held = crossing("E-10", "2026-01-31", "entry", "", **canary | {"event_at": "2026-01-31 at noon"})
    deliver(
        home,
        "border_crossings",
        date(2026, 1, 31),
        [*refused, own, crossing("E-11", "2026-01-31", "exit", "DOC100"), held],
    )
    deliver(home, "stay_notifications", date(2026, 1, 2), [NOTICE])


def case_deliveries(home: Path) -> None:
    """What the canary went through: asylum, return, help, a fine, work; and a person whom enforcement alone knows."""
    canary, day = PERSON | CANARY, date(2026, 1, 30)
    asylum = {"case_id": ASYLUM_CANARIES["asylum case"], "family_id": ASYLUM_CANARIES["family in search of asylum"]}
    asylum |= {"event_on": "2026-01-10", "needs": f"housing;{ASYLUM_CANARIES['need']}", "kato": "751110000"}
    deliver(home, "asylum_cases", day, [canary | asylum | {"event_id": "A-1", "event": "applied"}])
    wish = {"event_id": "V-1", "case_id": "VR-1", "population": "refugee", "event": "wish_expressed"}
    wish |= {"event_on": "2026-01-12", "return_area": ASYLUM_CANARIES["area of return"]}
    deliver(home, "return_cases", day, [canary | wish])
    kandas = {"event_id": "K-1", "case_id": CANARIES["kandas case"], "family_role": CANARIES["place in the family"]}
    kandas |= {"event": "granted", "event_on": "2026-01-15", "ethnicity": CANARIES["ethnicity"]}
    deliver(home, "kandas_cases", day, [canary | kandas])
    support = {"entry_id": "S-1", "case_id": CANARIES["kandas case"], "population": "kandas", "kind": "training"}
    support |= {"event_on": "2026-01-20", "outcome": CANARIES["result of support"]}
    deliver(home, "settlement_support", day, [canary | support])
    month = {"record_id": "M-1", "month": "2026-01", "wage_kzt": CANARIES["wage"], "hours": "100"}
    deliver(home, "employment_records", day, [canary | month])
    move = {"card_id": "R-1", "direction": "immigration", "moved_on": "2026-01-03", "to_kato": "751110000"}
    move |= {"ethnicity": CANARIES["ethnicity"], "paid_by": CANARIES["payer of a move"]}
    deliver(home, "residence_moves", day, [canary | move])
    case = {"event_id": "F-1", "case_id": "EC-1", "event": "centre_admitted", "event_at": "2026-01-25T10:00:00+05:00"}
    case |= {"article": CANARIES["article"], "court": CANARIES["court"], "centre_code": CANARIES["centre"]}
    case |= {"ban_until": CANARIES["end of the ban"], "kato": "711110000"}
    unknown = crossing("", "2026-01-26", "", "DOC900")
    alone = {name: unknown[name] for name in (*PERSON, "surname", "birth_date", "document_number")} | {
        "event_id": "F-2",
        "case_id": "EC-2",
        "event": "fine",
        "event_at": "2026-01-26T10:00:00+05:00",
    }
    deliver(home, "enforcement_cases", day, [canary | case, alone])
    rule = {"rule_id": "SAMPLE-30", "citizenship": "UZB", "days_per_entry": "30", "effect": "grant"}
    deliver(home, "stay_rules", day, [rule | {"act": "Sample act N 1", "clause": "clause 2", "verified": "false"}])


def second_deliveries(home: Path) -> None:
    """A late exit in January and a stay before all deliveries; in February entries of a citizenship that was small.

    One of those who come left on the day of the entry and came back, and one left twice that day, whose entries nobody
    recorded. One who is there, and one who left, become
    citizens. One who had been there before is expelled in January, and no exit is recorded. The address that the canary
    was notified at is corrected.
    """
    late = crossing("E-12", "2026-01-20", "exit", "DOC101")
    entries = [crossing(f"E-{n}", "2026-02-10", "entry", f"DOC{n}", birth_country="KGZ") for n in range(500, 620)]
    entries[-1]["birth_country"] = "TUR"
    before = [crossing("E-13", "2025-11-01", "entry", "DOC101"), crossing("E-14", "2025-11-05", "exit", "DOC101")]
    before.append(crossing("E-17", "2025-10-01", "entry", "DOC105"))
    again = [crossing("E-15", "2026-02-10", "exit", "DOC500"), crossing("E-16", "2026-02-10", "entry", "DOC500")]
    again += [crossing(f"E-{n}", "2026-02-10", "exit", "DOC106") for n in (18, 19)]
    for hour, row in enumerate(again, start=11):
        row["event_at"] = f"2026-02-10T{hour}:00:00+05:00"
    again[-1]["post_code"] = "ALA"
    deliver(home, "border_crossings", date(2026, 2, 10), [late, *before, *entries, *again])
    fine = {"event_id": "F-3", "case_id": "EC-3", "event": "fine", "event_at": "2026-02-09T10:00:00+05:00"}
    fined = PERSON | {"surname": "Example", "birth_date": "1990-03-05", "document_number": "DOC102"}
    expelled = fined | {"document_number": "DOC105", "case_id": "EC-4", "event_at": "2026-01-25T10:00:00+05:00"}
    expelled |= {"event_id": "F-4", "event": "expulsion_executed"}
    deliver(home, "enforcement_cases", date(2026, 2, 10), [fined | fine, expelled])
    act = {"action": "acquired", "effective_on": "2026-02-05", "to_citizenship": "KAZ"}
    acts = [fined | act | {"act_id": f"Z-{name}", "document_number": name} for name in ("DOC100", "DOC103")]
    deliver(home, "citizenship_acts", date(2026, 2, 10), acts)
    corrected = NOTICE | {"address": f"{CANARIES['address']}, 2"}
    deliver(home, "stay_notifications", date(2026, 1, 2), [corrected], sequence=2, kind="correction")


def night(home: Path, day: int, publishes: bool = True) -> None:
    """One load, on a day of March."""
    run_nightly(settings_of(home), clock=lambda: datetime(2026, 3, day, 21, tzinfo=UTC), publishes=publishes)


def add_load(home: Path) -> Load:
    """A further load that brings nothing, opened without modelling again."""
    with open_build(settings_of(home)) as connection:
        last = "FROM meta.load ORDER BY load_seq DESC LIMIT 1"
        connection.execute(f"INSERT INTO meta.load SELECT * REPLACE (load_seq + 1 AS load_seq) {last}")
    return last_load(home)


def last_load(home: Path) -> Load:
    """The load that was opened last."""
    with open_build(settings_of(home), read_only=True) as connection:
        last = "SELECT load_seq, known_at FROM meta.load ORDER BY load_seq DESC LIMIT 1"
        ((load_seq, known_at),) = rows(connection, last)
        return Load(load_seq, known_at, is_resumed=False)


@contextmanager
def opened(
    home: Path, name: str, path: Path | None = None, catalogue: str = "p"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file, read-only and in use."""
    link, key = published_file(settings_of(home), name)
    with open_memory() as connection:
        attach_file(connection, path or link, catalogue, key, read_only=True)
        connection.execute(f"USE {catalogue}")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """What a query answers."""
    return connection.execute(query).fetchall()


def key_of(home: Path, document: str) -> str:
    """Key under which the pseudonymised file shows the bearer of a document."""
    with opened(home, "restricted") as connection:
        ((key,),) = rows(
            connection,
            "SELECT DISTINCT person_key FROM registry.identity JOIN registry.person_key USING (person_id) "
            f"WHERE document_number = '{document}'",
        )
        return str(key)
