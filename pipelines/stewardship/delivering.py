"""Stewards' decisions as a delivery: a data file into the landing, then its manifest, like any agency's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.stewardship.laying import finish, lay
from pipelines.storage import Home, ledger
from pipelines.storage.database import ZONE

FEED = "steward_decisions"
HEADER = (
    "decision_id",
    "decided_at",
    "steward",
    "left_feed",
    "left_record_id",
    "right_feed",
    "right_record_id",
    "verdict",
    "reason",
)
MOST = 999


class TooManyDeliveriesError(Exception):
    """The names of a day are used up."""


@dataclass(frozen=True)
class Decision:
    """A verdict on two records.

    Attributes:
        left: Feed and record id of one.
        right: Feed and record id of the other.
        verdict: `same` or `different`.
    """

    left: tuple[str, str]
    right: tuple[str, str]
    verdict: str


def deliver(home: Home, decisions: Sequence[Decision], steward: str, reason: str, moment: datetime) -> Path:
    """Lays decisions into the landing; they are in effect with the next load. The caller holds the run lock.

    Args:
        home: Where the centre lies.
        decisions: At least one.
        steward: Account of who decides.
        reason: Why, for all of them.
        moment: When; the later of two decisions on one pair holds.

    Returns:
        The data file.

    Raises:
        TooManyDeliveriesError: The day has had all the deliveries that names allow.
    """
    local = moment.astimezone(ZoneInfo(ZONE))
    folder = home.landing / FEED
    finish(home)
    number = _next_number(home, folder, local.date())
    path = folder / f"{FEED}_{local:%Y%m%d}_{number:03d}.csv"
    content = _rows(decisions, steward, reason, local).encode("utf-8")
    manifest = {
        "feed": FEED,
        "business_date": local.date().isoformat(),
        "sequence": number,
        "rows": len(decisions),
        "sha256": hashlib.sha256(content).hexdigest(),
        "created_at": local.isoformat(),
        "kind": "increment",
        "encoding": "utf-8",
        "delimiter": ",",
    }
    lay(path, content, json.dumps(manifest, indent=1).encode())
    return path


def _rows(decisions: Sequence[Decision], steward: str, reason: str, local: datetime) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for decision in decisions:
        number = f"SD-{secrets.token_hex(16)}"
        writer.writerow([number, local.isoformat(), steward, *decision.left, *decision.right, decision.verdict, reason])
    return text.getvalue()


def _next_number(home: Home, folder: Path, day: date) -> int:
    """The first number of the day after all that lie there or were ever judged; a name is never used twice."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    names += [entry["file_name"] for entry in ledger.read(home.ledger) if entry.get("feed") == FEED]
    numbers = [int(found[1]) for name in names if (found := re.match(rf"{FEED}_{day:%Y%m%d}_(\d{{3}})\.", name))]
    number = max(numbers, default=0) + 1
    if number > MOST:
        raise TooManyDeliveriesError(f"{FEED} has had {MOST} deliveries today; the next may be written tomorrow.")
    return number
