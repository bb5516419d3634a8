"""From pairs to persons, by a rule that does not depend on order.

Accepted pairs form components. A component without a conflict, of two observations or connected by pairs that are not
light, is one person. Else its pairs are taken heaviest first, and a pair is left out that would join a conflict (two
observations that cannot be of one person, by a model's named conflict or a steward's `different`) or that is too light
for groups as large as those that it would join (`BEYOND`). A steward's `same` comes before all others and only a
steward's `different` stands against it. Equal weights are taken in the order of the observations.

Whoever changed surname and paper at once is two groups that meet by nothing but the pairs between them, however many
observations each has. Such a pair asks for `RENAMED` bits at most. Two who have one name and no other ask for `ALONE`
bits at most: no pair of theirs can have the bits of a second name. Where both show papers they are two. And a group
without any paper is what others wrote of somebody: where names are alike, it asks for nothing beyond acceptance to be
joined with one that has papers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Places = npt.NDArray[np.int64]
Pairs = tuple[Places, Places]
Links = list[tuple[int, int]]
# Bits by which one side of a conflict must fit better than the other.
MARGIN = 4.0
# Bits that a pair needs beyond acceptance to join two groups, by the size of the smaller and of the larger one: whoever
# is known by several observations has mostly met the others of one person already.
BEYOND = {(1, 2): 1, (1, 3): 2, (1, 4): 3, (2, 2): 3, (2, 3): 4, (2, 4): 7, (3, 3): 11, (3, 4): 11, (4, 4): 11}
MOST_BEYOND, MANY = max(BEYOND.values()), 4
RENAMED, ALONE = 3, 2


@dataclass(frozen=True)
class Evidence:
    """What joins some observations: pairs of places, each as its left and its right ends.

    Attributes:
        size: Number of observations.
        same: Pairs that a steward joins.
        accepted: Pairs that the model joins, heaviest first.
        weights: Their weights in bits, beyond that from which pairs are accepted.
        enough: Bits beyond acceptance that are enough for each, however large the groups are.
        are_alike: Whether the names of each are alike, with no slip in any, and no day of birth is made up.
        has_paper: Which observations show a document or an IIN.
    """

    size: int
    same: Pairs
    accepted: Pairs
    weights: npt.NDArray[np.float64]
    enough: npt.NDArray[np.float64]
    are_alike: npt.NDArray[np.bool_]
    has_paper: npt.NDArray[np.bool_]

    @cached_property
    def components(self) -> Places:
        """One label per observation: the place of the first observation that pairs connect it with."""
        return self._connected(len(self.weights))

    @cached_property
    def firm_components(self) -> Places:
        """The same by those pairs alone that weigh enough to join groups of any size."""
        return self._connected(int(np.searchsorted(-self.weights, -MOST_BEYOND, side="right")))

    def _connected(self, number: int) -> Places:
        """The same by a number of the heaviest pairs."""
        if not self.size:
            return np.zeros(0, dtype=np.int64)
        left, right = (np.concatenate([self.same[end], self.accepted[end][:number]]) for end in (0, 1))
        graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(self.size, self.size))
        several, found = connected_components(graph, directed=False)
        first = np.empty(several, dtype=np.int64)
        first[found[::-1]] = np.arange(self.size)[::-1]  # of the places of a component the first is written last
        return np.asarray(first[found], dtype=np.int64)


def resolve(evidence: Evidence, different: Pairs, conflicts: Pairs) -> Places:
    """One label per observation: the place of the first observation of its person.

    Args:
        evidence: What joins observations.
        different: Pairs that a steward keeps apart.
        conflicts: Pairs that the model finds impossible.
    """
    labels, firm = evidence.components.copy(), evidence.firm_components
    is_torn, is_loose = np.zeros((2, len(labels)), dtype=bool)
    for a, b in (different, conflicts):
        is_torn[labels[a][labels[a] == labels[b]]] = True
    is_loose[labels[(firm != labels) & (np.bincount(labels, minlength=len(labels))[labels] > 2)]] = True
    is_torn, is_loose = is_torn[labels], is_loose[labels]
    in_doubt = np.flatnonzero(is_torn | is_loose)
    # Where nothing is kept apart, all pairs that are not light join: what they join is known.
    begun = np.where(is_torn, np.arange(len(labels)), firm)
    groups = _Groups(in_doubt.tolist(), begun[in_doubt].tolist(), evidence.has_paper[in_doubt].tolist())
    groups.keep_apart(_within(different, is_torn))
    same = _within(evidence.same, is_torn)
    groups.join(same, [inf] * len(same), [MOST_BEYOND] * len(same), [True] * len(same))
    apart = _within(conflicts, is_torn)
    groups.keep_apart(apart)
    left, right = evidence.accepted
    is_open = (is_torn | is_loose)[left] & (begun[left] != begun[right])
    accepted = list(zip(left[is_open].tolist(), right[is_open].tolist(), strict=True))
    weights = evidence.weights[is_open].tolist()
    groups.weigh(accepted, weights, apart)
    groups.join(accepted, weights, evidence.enough[is_open].tolist(), evidence.are_alike[is_open].tolist())
    labels[in_doubt] = [groups.root(place) for place in in_doubt.tolist()]
    return labels


def _within(pairs: Pairs, members: npt.NDArray[np.bool_]) -> Links:
    left, right = pairs
    inside = members[left] & members[right]
    return list(zip(left[inside].tolist(), right[inside].tolist(), strict=True))


class _Groups:
    """Disjoint groups of places, each by its first one, with the places that it may not be joined with.

    A place that fits a group hardly better than another place that a conflict keeps out of it stays outside too,
    whichever of the members it fits: what tells of a twin without a paper fits all records of the other twin.
    """

    def __init__(self, places: list[int], roots: list[int], have_paper: list[bool]) -> None:
        self.parent = dict(zip(places, roots, strict=True))
        self._papered = {root for root, has_paper in zip(roots, have_paper, strict=True) if has_paper}
        self._members: dict[int, set[int]] = defaultdict(set)
        for place, root in self.parent.items():
            self._members[root].add(place)
        self._against: dict[int, set[int]] = defaultdict(set)
        self._foes: dict[int, set[int]] = defaultdict(set)
        self._fit: dict[int, dict[int, float]] = defaultdict(dict)

    def root(self, place: int) -> int:
        """The first place of a group."""
        while self.parent[place] != place:
            self.parent[place] = place = self.parent[self.parent[place]]
        return place

    def keep_apart(self, pairs: Links) -> None:
        """Forbids to join two places, unless they are joined."""
        for one, other in pairs:
            first, second = self.root(one), self.root(other)
            if first != second:
                self._against[first].add(other)
                self._against[second].add(one)

    def weigh(self, pairs: Links, weights: list[float], conflicts: Links) -> None:
        """Says how well places fit those that a conflict keeps out of a group."""
        for one, other in conflicts:
            first, second = self.root(one), self.root(other)
            if first != second:
                self._foes[first].add(other)
                self._foes[second].add(one)
        excluded = {place for conflict in conflicts for place in conflict}
        for (one, other), weight in zip(pairs, weights, strict=True):
            if other in excluded:
                self._fit[one][other] = weight
            if one in excluded:
                self._fit[other][one] = weight

    def _is_torn(self, place: int, group: int, weight: float) -> bool:
        if place not in self._fit or group not in self._foes:
            return False
        fit = self._fit[place]
        return any(fit[foe] > weight - MARGIN for foe in self._foes[group] & fit.keys())

    def join(self, pairs: Links, weights: list[float], sufficing: list[float], alike: list[bool]) -> None:
        """Joins pair by pair what nothing keeps apart and what weighs enough for groups of their size, or for any."""
        for (one, other), weight, enough, are_alike in zip(pairs, weights, sufficing, alike, strict=True):
            first, second = self.root(one), self.root(other)
            if first == second:
                continue
            if self._is_torn(one, second, weight) or self._is_torn(other, first, weight):
                continue
            if second < first:
                first, second = second, first
            members, others, against = self._members[first], self._members[second], self._against.get(first)
            if against and not against.isdisjoint(others):
                continue
            papered = (first in self._papered) + (second in self._papered)
            if enough <= ALONE and papered == 2:
                continue  # a record that gives one name and no paper fits both of two who bear that name
            is_hearsay = are_alike and papered == 1
            if weight < enough and not is_hearsay:
                size, size_of_other = min(len(members), MANY), min(len(others), MANY)
                sizes = (size, size_of_other) if size < size_of_other else (size_of_other, size)
                if weight < BEYOND.get(sizes, 0):
                    continue
            self.parent[second] = first
            if second in self._papered:
                self._papered.add(first)
            members |= self._members.pop(second)
            if second in self._against:
                self._against[first] |= self._against.pop(second)
            if second in self._foes:
                self._foes[first] |= self._foes.pop(second)
