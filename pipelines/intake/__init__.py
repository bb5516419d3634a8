"""Deliveries in, accounted rows out, driven by the contracts alone.

`delivery` finds what landed, `container` and `exact` turn bytes into text and count it, `reading` makes text
columns, `casting` types and judges rows in one SQL statement, `accounting` counts and writes, `standing` decides
which version of a record holds, `parting` which records a steward keeps apart from others that say the same, `replay`
brings held rows back, `selection` says what a load takes in, `take_in` runs all of it;
`compaction` makes one bronze file of a closed month's.
"""

from pipelines.intake.agreement import agree, kept_files, states_of
from pipelines.intake.compaction import compact
from pipelines.intake.selection import Selection
from pipelines.intake.standing import heal
from pipelines.intake.tables import create_tables
from pipelines.intake.take_in import Intake

__all__ = ["Intake", "Selection", "agree", "compact", "create_tables", "heal", "kept_files", "states_of"]
