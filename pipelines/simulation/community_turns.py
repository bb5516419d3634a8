"""Planted communities that turn in a known month: they form, grow, shrink, merge, split and dissolve.

Whoever moves in a merger or a split stays the same person; `community_world` plants what only comes and goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipelines.simulation.community_world import (
    APART,
    COUNTRIES,
    NEVER,
    SEEN,
    SEEN_AFTER,
    Clusters,
    CommunityWorld,
    draw_sizes,
)
from pipelines.simulation.randomness import stream

EACH = 5
SIZES = (300, 2_000)
# What joins a community that grows, and what goes from one that shrinks or splits, as a part of it.
JOINS, GOES = 0.6, 0.5


@dataclass(frozen=True)
class Turn:
    """One event as it truly was: what happened to the community of a country in a district, in which month."""

    event: str
    country: str
    district: str
    month: int


def turning(world: CommunityWorld) -> tuple[list[Turn], list[Clusters]]:
    """`EACH` communities that turn in each way, each group and each place once, and what is to be told of them."""
    chance = stream(world.seed, "turning")
    places = iter(chance.permutation(len(world.districts)))
    turns: list[Turn] = []
    people: list[Clusters] = []
    for number, kind in enumerate(np.repeat(["comes", "grows", "shrinks", "merges", "splits"], EACH)):
        country, here, there = int(chance.integers(len(COUNTRIES))), int(next(places)), int(next(places))
        month = int(chance.integers(SEEN + 1, world.months - SEEN_AFTER - 1))
        size = draw_sizes(chance, int(np.exp(chance.uniform(*np.log(SIZES)))), 0.2, 0.0)
        none = size * 0
        whole = Clusters(
            size, none + country, none + here, none - 6, none + NEVER, (number + 1) * APART + np.arange(len(size))
        )
        told, parts = _turned(str(kind), whole, there, month, chance)
        people += parts
        turns += [Turn(event, COUNTRIES[country], world.districts[place], at) for event, place, at in told]
    return turns, people


def _turned(
    kind: str, whole: Clusters, there: int, month: int, chance: np.random.Generator
) -> tuple[list[tuple[str, int, int]], list[Clusters]]:
    """What is to be told of one community, and the clusters that make it."""
    here = int(whole.district[0])
    if kind == "comes":
        came = month - SEEN
        return [("formed", here, came), ("dissolved", here, month)], [_from(_until(whole, month), came)]
    if kind == "grows":
        joins = _part(whole, JOINS, chance)
        joins.number = joins.number + APART // 2
        return [("grew", here, month)], [whole, _from(joins, month)]
    if kind == "merges":
        other = _moved(replace(whole, number=whole.number + APART // 2), there, -6)
        told = [("merged", here, month), ("dissolved", here, month), ("grew", there, month)]
        return told, [_until(whole, month), other, _moved(whole, there, month)]
    part = _part(whole, GOES, chance)
    goes = np.isin(whole.number, part.number)
    left = replace(whole, end=np.where(goes, month, whole.end))
    if kind == "shrinks":
        return [("shrank", here, month)], [left]
    return [("split", here, month), ("shrank", here, month), ("formed", there, month)], [
        left,
        _moved(part, there, month),
    ]


def _part(whole: Clusters, share: float, chance: np.random.Generator) -> Clusters:
    """Clusters of the whole, so many that they hold about a share of its persons."""
    order = chance.permutation(len(whole.size))
    taken = order[: int(np.searchsorted(np.cumsum(whole.size[order]), share * whole.size.sum())) + 1]
    return Clusters(*(getattr(whole, name)[taken] for name in Clusters.__annotations__))


def _from(clusters: Clusters, month: int) -> Clusters:
    return replace(clusters, first=clusters.first * 0 + month)


def _until(clusters: Clusters, month: int) -> Clusters:
    return replace(clusters, end=clusters.end * 0 + month)


def _moved(clusters: Clusters, place: int, month: int) -> Clusters:
    return _from(replace(clusters, district=clusters.district * 0 + place), month)
