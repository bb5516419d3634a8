"""What keeps a person from being erased: a stay or a case of protection that goes on, or somebody's word.

Words are lines of `build/holds.jsonl`, so that a rebuild keeps them. A hold on a person who went into another one holds
the other. The order of a court outranks every hold.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

import duckdb

from pipelines.storage import ledger
from pipelines.storage.home import Home

KINDS = ("litigation", "asylum", "investigation", "audit")
OUTRANKS = "court"
LINEAGE = """WITH RECURSIVE was AS (
  SELECT $person AS person_id
  UNION SELECT event.other_person_id FROM linkage.link_event AS event JOIN was USING (person_id) WHERE event = 'merged'
) SELECT person_id FROM was"""
GOING_ON = """WITH day AS (
  SELECT max(business_date) AS today FROM quality.delivery WHERE state = 'accepted' AND feed <> 'steward_decisions'
)
SELECT 'a stay is open, its last sign of life is of the last year' FROM registry.stay_history, day
WHERE person_id = $person AND known_to_seq IS NULL AND coalesce(ended_on > today, true) AND last_sign_on > today - 365
UNION
SELECT 'a case of protection is open or protection is in force' FROM registry.legal_status_history, day
WHERE person_id = $person AND known_to_seq IS NULL
  AND (status IN ('asylum_seeker', 'refugee', 'stateless_certificate') OR basis_feed = 'asylum_cases')
  AND coalesce(valid_to > today, true)
ORDER BY ALL"""


class HeldError(Exception):
    """The person is held; the message says by what."""


@dataclass(frozen=True)
class Hold:
    """Somebody's word that a person is not to be erased.

    Attributes:
        person: The person's id.
        kind: One of `KINDS`.
        case: Number of the case that it serves.
        until: Last day of it; open where it is empty.
    """

    person: str
    kind: str
    case: str
    until: str = ""


def place(home: Home, hold: Hold, who: str, moment: datetime) -> None:
    """Writes a hold; placing it again changes nothing. The caller holds the run lock."""
    said = {"what": "hold", "at": moment.isoformat(timespec="seconds"), "who": who}
    ledger.append(home.holds, [said | asdict(hold)], "hold")


def lift(home: Home, person: str, case: str, who: str, moment: datetime) -> int:
    """Ends the holds that a case placed on a person; returns how many there were."""
    found = [hold for hold in _standing(home) if (hold.person, hold.case) == (person, case)]
    if found:
        entry = {"what": "lift", "at": moment.isoformat(timespec="seconds"), "who": who, "person": person, "case": case}
        ledger.append(home.holds, [entry], "hold")
    return len(found)


def holds_of(connection: duckdb.DuckDBPyConnection, home: Home, person: str, today: date) -> list[str]:
    """What holds a person, in words.

    Args:
        connection: The build database.
        home: Where holds are kept.
        person: The person's id.
        today: Holds that ended before it no longer count.
    """
    lineage = {name for (name,) in connection.execute(LINEAGE, {"person": person}).fetchall()}
    said = [
        f"{hold.kind}, case {hold.case}"
        for hold in _standing(home)
        if hold.person in lineage and (not hold.until or date.fromisoformat(hold.until) >= today)
    ]
    return said + [words for (words,) in connection.execute(GOING_ON, {"person": person}).fetchall()]


def _standing(home: Home) -> list[Hold]:
    found: dict[tuple[str, str, str], Hold] = {}
    for entry in ledger.read(home.holds):
        if entry["what"] == "hold":
            hold = Hold(entry["person"], entry["kind"], entry["case"], entry["until"])
            found[hold.person, hold.case, hold.kind] = hold
        else:
            found = {key: hold for key, hold in found.items() if key[:2] != (entry["person"], entry["case"])}
    return list(found.values())
