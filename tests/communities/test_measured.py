"""Planted communities are found, of chance none; the bound holds beside permutations; indices are the known ones."""

from __future__ import annotations

from itertools import pairwise
from math import comb, exp

import numpy as np
import pytest

from pipelines.benchmarks.communities import LIVES, Life, is_same, month_of
from pipelines.simulation.community_world import Planted
from tests.communities.conftest import GROUPS, Home

# Values of the package `segregation` 2.5.4 of the PySAL family on the numbers of GROUPS, with the areas of the seed
# `region`; the first group against all others, and all groups.
KNOWN = {
    "dissimilarity": 0.3627759718271706,
    "isolation": 0.32507788161993767,
    "exposure": 0.6749221183800622,
    "entropy": 0.16178862533560723,
    "delta": 0.7348840891620332,
}
ALL_GROUPS = 0.15310178413106373
DRAWS = 10_000


def lives(home: Home, level: str) -> list[Life]:
    return [(str(a), str(b), str(c), d, e) for a, b, c, d, e in home.rows(LIVES.format(level))]


def plain(home: Home) -> list[Planted]:
    """Communities that are there whatever one asks: four times the share of the state."""
    return [one for one, quotient in home.truth.items() if quotient >= 4]


def test_planted_communities_are_found_and_nothing_else(planted_home: Home) -> None:
    found = lives(planted_home, "<>")
    large = plain(planted_home)
    assert len(large) >= 4
    assert [one for one in large if not any(is_same(one, life) for life in found)] == []
    assert [life for life in found if not any(is_same(one, life) for one in planted_home.truth)] == []


def test_they_are_dated_to_the_month(planted_home: Home) -> None:
    pairs = [(one, life) for one in plain(planted_home) for life in lives(planted_home, "<>") if is_same(one, life)]
    assert [month_of(life[3]) - max(one.first, 0) for one, life in pairs] == [0] * len(pairs)
    ended = [month_of(life[4]) - one.end for one, life in pairs if life[4] is not None]
    assert ended
    assert set(ended) == {0}


def test_birth_country_and_citizenship_of_the_same_people_are_one_community(planted_home: Home) -> None:
    named = planted_home.rows(
        "SELECT community_id, count(*), count(*) FILTER (names_it) FROM intermediate.community_series "
        "WHERE basis <> 'ethnicity' GROUP BY 1"
    )
    assert named
    assert {(bases, names) for _, bases, names in named} == {(2, 1)}


def test_chance_makes_no_community(chance_home: Home) -> None:
    tested, over = chance_home.rows(
        "SELECT count(*), count(*) FILTER (surprise >= threshold) FROM intermediate.over_representation"
    )[0]
    assert tested > 0
    assert over == 0


def test_bound_is_never_below_what_permutations_of_clusters_show(chance_home: Home) -> None:
    cells = chance_home.rows(
        "SELECT period, region, district, basis_value, surprise FROM intermediate.over_representation "
        "WHERE basis = 'citizenship' AND district <> '_T' AND surprise BETWEEN 0.5 AND 6 ORDER BY ALL LIMIT 6"
    )
    assert len(cells) >= 3
    shown = [permuted(chance_home, *cell[:4]) for cell in cells]
    bounds = [exp(-cell[4]) for cell in cells]
    assert all(share <= bound + 3 * (bound / DRAWS) ** 0.5 for share, bound in zip(shown, bounds, strict=True))
    assert sum(share > bound / 30 for share, bound in zip(shown, bounds, strict=True)) >= len(cells) / 2


@pytest.mark.parametrize(("region", "group"), [("100000000", "GEO"), ("110000000", "IND")])
def test_crews_hide_neither_families_nor_themselves(crews_home: Home, region: str, group: str) -> None:
    """Crews of a group in other regions say nothing of its families here, and no crew can be in a place twice."""
    found = crews_home.rows(
        "SELECT surprise >= threshold FROM intermediate.over_representation "
        f"WHERE basis = 'citizenship' AND region = '{region}' AND basis_value = '{group}'"
    )
    assert found == [(True,)]


def permuted(home: Home, period: object, region: str, district: str, group: str) -> float:
    """Share of draws, clusters permuted within their size class, that bring as large an excess to the place.

    It is the least of those over the clusters up to each size class, times two to the power of the classes from it on.
    """
    rows = home.rows(
        f"""WITH cell AS (
          SELECT region, district, size, if(basis_value = '{group}', persons, 0) AS persons,
            if(basis_value = '_T', clusters, 0) AS clusters, if(basis_value = '{group}', clusters, 0) AS with_some
          FROM intermediate.cluster_size_month
          WHERE period = DATE '{period}' AND basis = 'citizenship' AND district <> '_T'
            AND basis_value IN ('_T', '{group}')),
        counted AS (
          SELECT region, district, size, 0 AS persons, sum(clusters) - sum(with_some) AS clusters FROM cell GROUP BY ALL
          UNION ALL SELECT region, district, size, persons, with_some AS clusters FROM cell WHERE with_some > 0)
        SELECT floor(log2(size)), size, persons, region = '{region}' AND district = '{district}'
        FROM counted, range(CAST(clusters AS BIGINT))"""
    )
    kind, size, held, here = (np.array([float(row[part]) for row in rows]) for part in range(4))
    chance, drawn, seen, shares = np.random.default_rng(1), np.zeros(DRAWS), 0.0, []
    for one in np.unique(kind):
        inside = kind == one
        places = here[inside].astype(bool)
        if not places.any() or not held[inside].any():
            continue
        excess = held[inside] - held[inside].sum() / size[inside].sum() * size[inside]
        seen += excess[places].sum()
        order = np.argsort(chance.random((DRAWS, len(excess))), axis=1)[:, : int(places.sum())]
        drawn += excess[order].sum(axis=1)
        shares.append(float((drawn >= seen - 1e-9).mean()))
    return min(share * 2.0 ** (len(shares) - number) for number, share in enumerate(shares))


@pytest.mark.parametrize("indicator", KNOWN)
def test_indices_are_those_of_a_known_library(planted_home: Home, indicator: str) -> None:
    value = planted_home.rows(
        f"SELECT max({indicator}) FROM intermediate.segregation_month "
        "WHERE basis = 'ethnicity' AND basis_value = 'Uyghur' AND level = 'region'"
    )
    assert [one for (one,) in value] == pytest.approx([KNOWN[indicator]], abs=1e-9)


def test_entropy_of_all_groups_is_that_of_a_known_library(planted_home: Home) -> None:
    value = planted_home.rows(
        "SELECT max(entropy) FROM intermediate.segregation_month WHERE basis = 'ethnicity' AND basis_value = '_T'"
    )
    assert [one for (one,) in value] == pytest.approx([ALL_GROUPS], abs=1e-9)


def test_dissimilarity_at_random_is_the_mean_over_all_draws(planted_home: Home) -> None:
    totals = [sum(numbers) for numbers in zip(*GROUPS.values(), strict=True)]
    group, everyone = sum(GROUPS["Uyghur"]), sum(totals)
    expected = sum(
        abs(held - size * group / everyone)
        * (comb(group, held) * comb(everyone - group, size - held) / comb(everyone, size))
        for size in totals
        for held in range(min(size, group) + 1)
    ) / (2 * group * (1 - group / everyone))
    found = planted_home.rows(
        "SELECT max(dissimilarity - dissimilarity_beyond_chance) FROM intermediate.segregation_month "
        "WHERE basis = 'ethnicity' AND basis_value = 'Uyghur' AND level = 'region'"
    )
    assert [one for (one,) in found] == pytest.approx([expected], abs=1e-9)


def test_months_of_a_life_follow_each_other(planted_home: Home) -> None:
    months = planted_home.rows(
        "SELECT list(month(period) + 12 * year(period) ORDER BY period) FROM statistics.community_month_history "
        "GROUP BY community_id, basis, basis_value"
    )
    assert months
    assert {later - earlier for (life,) in months for earlier, later in pairwise(life)} == {1}
