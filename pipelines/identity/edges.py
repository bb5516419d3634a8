"""Accepted pairs among the observations that a load reached, as arrays of their places."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity import resolve
from pipelines.identity.levels import FILLED, FORMER, OF_A_WOMAN, ROOT, WHOLE_DATE
from pipelines.identity.numbering import NOWHERE, Flags, Ids, Places, expand, places_of
from pipelines.identity.reach import ACCEPTED

# A woman who changed her surname, told by all else that names and dates say: given name, father, whole date.
RENAMED = f"surname = {OF_A_WOMAN} AND given >= {ROOT} AND patronymic >= {ROOT} AND birth = {WHOLE_DATE}"
# Two who have one name and no other on both sides, and a whole date, one of whom shows no paper.
MAY_BE_ALONE = (
    f"birth = {WHOLE_DATE} AND (surname IS NULL) <> (given IS NULL) AND patronymic IS NULL AND document IS NULL"
)
# No name that both sides know is a slip or less, and no 1 January stands for a day that is not known.
ALIKE = f"""birth <> {FILLED} AND coalesce(surname BETWEEN {ROOT} AND {FORMER}, true)
    AND coalesce(given >= {ROOT}, true) AND coalesce(patronymic >= {ROOT}, true)"""
READ = f"""WITH accepted AS MATERIALIZED (
  SELECT left_observation_id AS left_id, right_observation_id AS right_id, weight, iin, document, birth, given,
    patronymic, coalesce({RENAMED}, false) AS is_renamed, coalesce({MAY_BE_ALONE}, false) AS may_be_alone,
    coalesce({ALIKE}, false) AS are_alike
  FROM linkage.pair SEMI JOIN live ON observation_id = left_observation_id WHERE {ACCEPTED}
), alone AS MATERIALIZED (
  SELECT observation_id FROM linkage.observed SEMI JOIN (
    SELECT unnest([left_id, right_id]) AS observation_id FROM accepted WHERE may_be_alone
  ) USING (observation_id) WHERE (surname IS NULL) <> (given IS NULL) AND patronymic IS NULL
)
SELECT left_id, right_id, weight, iin, document, birth, given, patronymic,
  (CASE WHEN is_renamed THEN {resolve.RENAMED}
    WHEN may_be_alone AND left_id IN (FROM alone) AND right_id IN (FROM alone) THEN {resolve.ALONE}
    ELSE {resolve.MOST_BEYOND} END)::DOUBLE AS enough, are_alike
FROM accepted"""
LARGEST = 1_000


@dataclass(frozen=True)
class Edges:
    """Accepted pairs, the heaviest first; equal ones in the order of their observations.

    Attributes:
        left: Of each pair the place of its first observation.
        right: Of its second.
        weight: Its weight in bits.
        enough: The bits beyond acceptance with which it joins groups of any size.
        are_alike: Whether no name is a slip and no day is made up.
        row: Its row in the table.
        table: In whatever order, the ids of pairs, their weights and the levels that decide about evidence and bridges.
    """

    left: Places
    right: Places
    weight: npt.NDArray[np.float64]
    enough: npt.NDArray[np.float64]
    are_alike: Flags
    row: Places
    table: pa.Table

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, ids: Ids, accept: float) -> Edges:
        """The accepted pairs among observations, which are sorted by their ids and stand in `live`."""
        table = connection.execute(READ.format(accept=accept)).to_arrow_table()
        left, right = (places_of(ids, table[end].to_numpy()) for end in ("left_id", "right_id"))
        weight = table["weight"].to_numpy()
        inside = np.flatnonzero((left != NOWHERE) & (right != NOWHERE))
        inside = inside[np.argsort(left[inside] << 32 | right[inside])]
        row = inside[np.argsort(-weight[inside], kind="stable")]
        enough, are_alike = (table[name].to_numpy()[row] for name in ("enough", "are_alike"))
        levels = table.drop_columns(["enough", "are_alike"])
        return cls(left[row], right[row], weight[row], enough, are_alike, row, levels)

    def where(self, kept: Flags) -> pa.Table:
        """The rows of the table of those pairs that are kept."""
        is_kept = np.zeros(len(self.table), dtype=bool)
        is_kept[self.row] = kept
        return self.table.filter(pa.array(is_kept))

    def unseen(self, components: Places) -> tuple[Places, Places]:
        """Other pairs of components of three and more; whether two that nothing made candidates can be one is asked.

        Args:
            components: Label of each observation.
        """
        sizes = np.bincount(components, minlength=len(components))[components]
        members = np.flatnonzero((sizes > 2) & (sizes <= LARGEST))
        members = members[np.argsort(components[members], kind="stable")]
        labels = components[members]
        ends = np.searchsorted(labels, labels, side="right")
        of, within = expand(ends - np.arange(len(members)) - 1)
        one, other = members[of], members[of + 1 + within]
        is_seen = pc.is_in(pa.array(one << 32 | other), pa.array(self.left << 32 | self.right))
        unseen = ~is_seen.to_numpy(zero_copy_only=False)
        return one[unseen], other[unseen]
