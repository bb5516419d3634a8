"""A state of five persons, loaded by one whole night: the planted one, the twin, a child, a stranger, and a refugee.

The twin shares surname and birth date, and has the next passport. Every value of the twin's own is in `TWINS_OWN`.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.contracts.identifiers import check_digits
from tests.publication.published_world import deliver, night, settings_of


def iin(body: str) -> str:
    """An IIN from its first eleven digits."""
    return f"{body}{check_digits(np.array([int(body)], dtype=np.int64))[0]}"


PLANTED = {"surname": "PLANTOVA", "given_names": "ZARINA", "document_number": "PLT1000001", "birth_date": "1990-04-12"}
PLANTED |= {"iin": iin("90041240001"), "sex": "F", "citizenship": "UZB", "document_type": "P", "document_state": "UZB"}
CYRILLIC = PLANTED | {"surname": "Плантова", "given_names": "Зарина", "patronymic": "Олеговна", "iin": ""}
RENEWED = CYRILLIC | {"document_number": "PLT2000009", "iin": PLANTED["iin"]}
TWINS_OWN = {"given_names": "ZAREMA", "document_number": "PLT1000002", "iin": iin("90041240002")}
TWIN = PLANTED | TWINS_OWN
CHILD = PLANTED | {"given_names": "ALINA", "document_number": "PLT3000001", "birth_date": "2019-02-03", "iin": ""}
STRANGER = {"surname": "Example", "given_names": "", "document_number": "STR0000001", "birth_date": "1970-01-01"}
STRANGER |= {"iin": "", "sex": "M", "citizenship": "TUR", "document_type": "P", "document_state": "TUR"}
# Whom records about asylum alone tell of.
REFUGEE = STRANGER | {"surname": "Refugov", "document_number": "REF0000001", "birth_date": "1981-09-09"}

EMPLOYER = "120340001479"
HOST = "880614300017"
ETHNICITY = "Kazakh"
ASYLUM_CASE = "AC-PLANTED-1"
BORN_IN = "AFG"  # the record of asylum alone says so
RECORDS = {
    "border_crossings": ["B-1", "B-3"],
    "stay_notifications": ["N-1"],
    "residence_permits": ["R-1"],
    "labour_permits": ["L-1"],
    "enforcement_cases": ["F-1", "F-2"],
    "kandas_cases": ["K-1"],
    "asylum_cases": ["A-1"],
}


WHY = ("--purpose", "stay", "--case", "2026-118")


def mic(home: Path, *arguments: str) -> Result:
    keys = {f"MIC_{name.upper()}_KEY": key for name, key in settings_of(home).keys.items()}
    return CliRunner().invoke(main, list(arguments), env={"MIC_HOME": str(home)} | keys)


def found(home: Path, *arguments: str) -> list[dict[str, Any]]:
    result = mic(home, "find", *arguments, *WHY, "--json")
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def the(home: Path, person: dict[str, str]) -> str:
    """Id of the person who has the document."""
    (only,) = [row for row in found(home, "--document", person["document_number"]) if row["fit"] == 100]
    return str(only["person_id"])


def planted_home(home: Path) -> Path:
    """Lays the deliveries and runs the night."""
    day = date(2026, 1, 31)
    deliver(home, "border_crossings", day, list(_crossings()))
    law = {"rule_id": "UZ-30", "citizenship": "UZB", "days_per_entry": 30, "act": "Sample act N 1"}
    deliver(home, "stay_rules", day, [law | {"clause": "clause 2", "valid_from": "2020-01-01"}])
    notice = {"notification_id": "N-1", "action": "arrived", "reported_at": "2026-01-03T09:00:00+05:00"}
    notice |= {"stay_from": "2026-01-02", "kato": "751110000", "host_type": "person", "host_id": HOST}
    deliver(home, "stay_notifications", day, [notice | CYRILLIC, notice | TWIN | {"notification_id": "N-2"}])
    permit = {"decision_id": "R-1", "permit_id": "TRP-1", "permit_type": "temporary_residence", "action": "granted"}
    permit |= {"decided_on": "2026-01-10", "valid_from": "2026-01-11", "valid_until": "2026-12-31"}
    deliver(home, "residence_permits", day, [permit | RENEWED])
    labour = permit | {"decision_id": "L-1", "permit_id": "LP-1", "scheme": "employer", "employer_bin": EMPLOYER}
    del labour["permit_type"]
    twins = labour | TWIN | {"decision_id": "L-2", "permit_id": "LP-2"}
    deliver(home, "labour_permits", day, [labour | PLANTED, twins])
    fine = {"event_id": "F-1", "case_id": "EC-1", "event": "fine", "event_at": "2026-01-25T10:00:00+05:00"}
    fine |= {"employer_bin": EMPLOYER, "article": "Article 517"}
    order = {"event_id": "F-2", "case_id": "EC-2", "event": "expulsion_ordered", "article": "Article 517"}
    deliver(home, "enforcement_cases", day, [fine | PLANTED, PLANTED | order | {"event_at": fine["event_at"]}])
    kandas = {"event_id": "K-1", "case_id": "KC-1", "family_id": "KF-SECRET", "event": "granted"}
    deliver(home, "kandas_cases", day, [kandas | PLANTED | {"event_on": "2026-01-20", "ethnicity": ETHNICITY}])
    asylum = {"event_id": "A-1", "case_id": ASYLUM_CASE, "event": "applied", "event_on": "2026-01-21"}
    other = {"event_id": "A-2", "case_id": "AC-REFUGEE-1"}
    deliver(home, "asylum_cases", day, [asylum | PLANTED | {"birth_country": BORN_IN}, asylum | REFUGEE | other])
    night(home, 1)
    return home


def _crossings() -> list[dict[str, Any]]:
    passed = {"post_code": "KORDAY", "purpose": "tourism"}
    people = (("B-1", PLANTED), ("B-2", TWIN), ("B-3", RENEWED), ("B-4", CHILD), ("B-5", STRANGER))
    days = {"B-3": ("2026-01-28", "exit")}
    return [
        passed
        | person
        | {"event_id": number, "event_at": f"{day}T10:00:00+05:00", "direction": direction, "patronymic": ""}
        for number, person in people
        for day, direction in [days.get(number, ("2026-01-02", "entry"))]
    ]
