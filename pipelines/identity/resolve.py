"""From evidence to persons, by a rule that does not depend on order.

Connected observations are one person. Where a component holds a contradiction (two verified IINs, or a steward's
`different`), its edges are taken strongest first and an edge that would join the contradiction is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Evidence:
    """What is known among some observations, as arrays over their positions.

    Attributes:
        size: Number of observations.
        left: Left end of each edge, edges ordered strongest first.
        right: Right end of each edge.
        strength: 0 for a steward's word, 1 for a shared IIN, 2 for a shared document.
        iin: Hash of the verified IIN of each observation; 0 where there is none.
        apart: Pairs that a steward keeps apart.
    """

    size: int
    left: np.ndarray
    right: np.ndarray
    strength: np.ndarray
    iin: np.ndarray
    apart: list[tuple[int, int]]


def cluster(evidence: Evidence) -> np.ndarray:
    """One label per observation: the position of the first observation of its person."""
    if not evidence.size:
        return np.zeros(0, dtype=np.int64)
    ones = np.ones(len(evidence.left), dtype=np.int8)
    graph = coo_array((ones, (evidence.left, evidence.right)), shape=(evidence.size, evidence.size))
    _, component = connected_components(graph, directed=False)
    labels = _first_positions(component)
    for members in _contradictory(evidence, labels):
        for position, label in _constrained(evidence, members).items():
            labels[position] = label
    return labels


def _first_positions(component: np.ndarray) -> np.ndarray:
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], dtype=np.int64)


def _contradictory(evidence: Evidence, labels: np.ndarray) -> Iterable[np.ndarray]:
    known = evidence.iin != 0
    pairs = np.unique(np.stack([labels[known].astype(np.uint64), evidence.iin[known]]), axis=1)
    owners, counts = np.unique(pairs[0], return_counts=True)
    doubtful = {int(owner) for owner in owners[counts > 1]}
    doubtful |= {int(labels[a]) for a, b in evidence.apart if labels[a] == labels[b]}
    for owner in sorted(doubtful):
        yield np.flatnonzero(labels == owner)


def _constrained(evidence: Evidence, members: np.ndarray) -> dict[int, int]:
    inside = set(members.tolist())
    parent = {position: position for position in inside}
    iins = {position: {int(evidence.iin[position])} - {0} for position in inside}
    foes: dict[int, set[int]] = defaultdict(set)
    for a, b in evidence.apart:
        if a in inside and b in inside:
            foes[a].add(b)
            foes[b].add(a)
    groups = {position: {position} for position in inside}

    def root(position: int) -> int:
        while parent[position] != position:
            position = parent[position]
        return position

    for edge in np.flatnonzero(np.isin(evidence.left, members)):
        a, b = sorted((root(int(evidence.left[edge])), root(int(evidence.right[edge]))))
        by_steward = evidence.strength[edge] == 0
        if a == b or any(foes[x] & groups[b] for x in groups[a]) or (len(iins[a] | iins[b]) > 1 and not by_steward):
            continue
        parent[b] = a
        groups[a] |= groups.pop(b)
        iins[a] |= iins[b]
    return {position: root(position) for position in inside}
