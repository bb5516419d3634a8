"""A home with one committed load and no models: what intake, ledger and bronze promise is shown on it in seconds."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from pipelines import nightly
from pipelines.contracts.registry import IDENTITY_BLOCK
from pipelines.intake import Selection
from pipelines.settings import CHECKOUT, Settings
from pipelines.storage import Home, ledger, open_build
from pipelines.storage.loads import commit_load
from tests.intake.intake_world import DAY, KEYS, NOW, Centre, Sent, crossings, sent

SECOND = sent([*crossings("b", 40), {**crossings("b", 41)[40], "event_at": "soon"}], sequence=2)
FEED = "border_crossings"
Rows = list[tuple[object, ...]]


def settings_of(home: Path, fault: str = "") -> Settings:
    """Settings of a home, keys included, so that homes can be copied."""
    return Settings(home, home / "sources", KEYS, fault=fault, lock_wait_seconds=0.0, memory_limit="2GB", threads=1)


def make_home(folder: Path, prefix: str = "a") -> Path:
    """Makes a home whose first load took in a hundred crossings, one of them bad; it knows no other feed."""
    shutil.copytree(CHECKOUT / "sources" / FEED, folder / "sources" / FEED)
    shutil.copy(CHECKOUT / "sources" / IDENTITY_BLOCK, folder / "sources")
    rows = crossings(prefix)
    rows[3]["event_at"] = "soon"
    centre = Centre(folder)
    centre.load(sent(rows))
    centre.close()
    return folder


def land(home: Path, delivery: Sent) -> None:
    """Lays a delivery down."""
    centre = Centre(home)
    centre.land(delivery)
    centre.close()


def load(home: Path, fault: str = "", moment: datetime = NOW) -> None:
    """A load without models: what has landed is taken in and committed."""
    settings = settings_of(home, fault)
    begun = nightly.begin(settings, lambda: moment)
    nightly.take_in(settings, begun, Selection())
    with open_build(settings) as connection:
        commit_load(connection, Home(home), begun)


def content(home: Path) -> dict[str, Rows]:
    """What the home says of its crossings and deliveries, whenever it came to know it."""
    asked = {
        "crossings": "SELECT * EXCLUDE (load_seq, known_from_seq, known_to_seq) FROM raw.border_crossings ORDER BY ALL",
        "deliveries": """SELECT file_name, sha256, business_date, rows_in_file, rows_accepted, rows_quarantined, state
        FROM quality.delivery ORDER BY ALL""",
        "quarantine": "SELECT file_name, line_number, reasons FROM quality.quarantine ORDER BY ALL",
    }
    with open_build(settings_of(home), read_only=True) as connection:
        return {name: connection.execute(query).fetchall() for name, query in asked.items()}


def accepted(home: Path) -> tuple[set[str], set[str]]:
    """Accepted deliveries as the ledger and as the database know them."""
    entries = ledger.read(Home(home).ledger)
    said = {entry["delivery_id"] for entry in entries if entry["what"] == "delivery" and entry["state"] == "accepted"}
    with open_build(settings_of(home)) as connection:
        rows = connection.execute("SELECT delivery_id FROM intake.delivery WHERE state = 'accepted'").fetchall()
    return said, {name for (name,) in rows}


__all__ = ["DAY", "NOW", "SECOND", "accepted", "content", "land", "load", "make_home", "settings_of"]
