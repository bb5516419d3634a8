"""From what was found in a delivery to the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from pipelines.intake.accounting import Counts, Opened
from pipelines.intake.delivery import Landed, Manifest, RejectedError, delivery_id
from pipelines.intake.verdicts import Row, Verdict
from pipelines.storage.database import ZONE

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


def declared(landed: Landed, manifest: Manifest) -> Row:
    """What a verdict takes over from the manifest."""
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


def decided(candidate: Candidate, result: Counts | RejectedError, states: list[str], today: date) -> Verdict:
    """The verdict on a delivery that could be read; `states` are those that the ledger already has of it."""
    if isinstance(result, RejectedError):
        return rejected(candidate.row, result)
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


def rejected(row: Row, error: RejectedError) -> Verdict:
    """The verdict on a delivery that is refused whole."""
    return Verdict(row | {"state": "rejected", "reason": error.code, "message": str(error)})
