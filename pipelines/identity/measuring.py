"""How good clusters are beside a known truth: counts of pairs, never the pairs themselves.

A pair is counted from both of its ends, so that every figure is a sum over observations and can be given for the
persons of a group alone. The truth is a relation of one row per observation: `observation_id`, `person`, `script`,
`citizenship_group`, `sex`, `is_twin`; clusters are one row per observation: `observation_id`, `cluster`.
Which method made the clusters does not matter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist

import duckdb
from scipy.special import betaincinv

FEWEST_PERSONS = 1_000
POOLED = "others"
CONFIDENCE = 0.95
PER_PERSONS = 100_000

CELLS = """CREATE OR REPLACE TEMP TABLE scored_cell AS
SELECT c.cluster, t.person, t.script, count(*) AS n FROM {truth} AS t JOIN {clusters} AS c USING (observation_id)
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE scored_person AS
SELECT person, any_value(citizenship_group) AS citizenship, any_value(sex) AS sex, any_value(is_twin) AS is_twin
FROM {truth} GROUP BY person"""

OVERALL = """WITH cell AS (SELECT cluster, person, sum(n) AS n FROM scored_cell GROUP BY ALL),
by_cluster AS (SELECT cluster, sum(n) AS n, count(*) AS persons FROM cell GROUP BY ALL),
by_person AS (SELECT person, sum(n) AS n FROM cell GROUP BY ALL)
SELECT sum(cell.n), (SELECT count(*) FROM by_person), (SELECT count(*) FROM by_cluster),
  sum(cell.n * (cell.n - 1)), (SELECT sum(n * (n - 1)) FROM by_cluster), (SELECT sum(n * (n - 1)) FROM by_person),
  (SELECT sum(persons - 1) FROM by_cluster),
  sum(cell.n) FILTER (is_twin AND persons > 1), sum(cell.n) FILTER (is_twin)
FROM cell JOIN by_cluster USING (cluster) JOIN by_person USING (person) JOIN scored_person USING (person)"""

BY_SIZE = """WITH cell AS (SELECT cluster, person, sum(n) AS n FROM scored_cell GROUP BY ALL),
whole AS (SELECT {whole}, sum(n) AS n FROM scored_cell GROUP BY ALL)
SELECT whole.n, sum(cell.n * cell.n) FROM cell JOIN whole USING ({whole}) GROUP BY whole.n"""

SHARES = {
    "citizenship": """SELECT person, citizenship AS of_group, correct, predicted, true_ends FROM ends""",
    "sex": """SELECT person, sex AS of_group, correct, predicted, true_ends FROM ends""",
    "scripts": """SELECT person, least(script, other) || ' ' || greatest(script, other) AS of_group,
      sum(correct) AS correct, sum(predicted) AS predicted, sum(true_ends) AS true_ends FROM (
        SELECT a.person, a.script, b.script AS other, 0 AS correct, a.n * (b.n - (a.script = b.script)::INT)
          AS predicted, 0 AS true_ends FROM scored_cell AS a JOIN by_cluster_script AS b USING (cluster)
        UNION ALL
        SELECT a.person, a.script, b.script, a.n * (b.n - (a.script = b.script)::INT), 0, 0
        FROM scored_cell AS a JOIN scored_cell AS b USING (cluster, person)
        UNION ALL
        SELECT a.person, a.script, b.script, 0, 0, a.n * (b.n - (a.script = b.script)::INT)
        FROM by_person_script AS a JOIN by_person_script AS b USING (person)
      ) GROUP BY ALL HAVING sum(predicted) + sum(true_ends) > 0""",
}

GROUPS = """WITH cell AS (SELECT cluster, person, sum(n) AS n FROM scored_cell GROUP BY ALL),
by_cluster AS (SELECT cluster, sum(n) AS n FROM cell GROUP BY ALL),
by_cluster_script AS (SELECT cluster, script, sum(n) AS n FROM scored_cell GROUP BY ALL),
by_person_script AS (SELECT person, script, sum(n) AS n FROM scored_cell GROUP BY ALL),
ends AS (
  SELECT person, citizenship, sex, sum(cell.n * (cell.n - 1)) AS correct, sum(cell.n * (by_cluster.n - 1)) AS predicted,
    sum(cell.n) * (sum(cell.n) - 1) AS true_ends
  FROM cell JOIN by_cluster USING (cluster) JOIN scored_person USING (person) GROUP BY ALL
),
share AS ({share}),
size AS (SELECT of_group, count(DISTINCT person) AS persons FROM share GROUP BY ALL)
SELECT CASE WHEN size.persons >= $fewest THEN of_group ELSE $pooled END AS of_group, count(DISTINCT person),
  sum(correct), sum(predicted), sum(true_ends),
  sum(4 * correct * correct), sum(2 * correct * (predicted + true_ends)),
  sum((predicted + true_ends) * (predicted + true_ends))
FROM share JOIN size USING (of_group) GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True)
class Quality:
    """How good the clusters are as a whole.

    Attributes:
        observations: Observations clustered.
        persons: Persons in truth.
        clusters: Persons found.
        precision: Share of the joined pairs of observations that are of one person.
        recall: Share of the pairs of one person that are joined.
        f1: Harmonic mean of these two.
        bcubed_precision: Mean over observations of the share of its cluster that is of its person.
        bcubed_recall: Mean over observations of the share of its person's observations that are in its cluster.
        bcubed_f1: Harmonic mean of these two.
        wrong_merges: Persons too many in the clusters, per 100,000 persons: a cluster of three persons counts two.
        twins_merged: Share of the observations of twins that stand in a cluster of several persons.
    """

    observations: int
    persons: int
    clusters: int
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    wrong_merges: float
    twins_merged: float


@dataclass(frozen=True)
class GroupQuality:
    """How good the clusters are for one group of persons.

    Attributes:
        kind: `citizenship`, `sex` or `scripts`; of the last, only pairs of observations in these two scripts count.
        group: The group's name; `others` pools those that are too small.
        persons: Persons in it.
        precision: As of `Quality`, for the pairs that end in the group.
        recall: Likewise.
        f1: Likewise.
        f1_least: One-sided 95 % lower bound of `f1`, persons being the unit that is drawn.
    """

    kind: str
    group: str
    persons: int
    precision: float
    recall: float
    f1: float
    f1_least: float


def measure(connection: duckdb.DuckDBPyConnection, clusters: str = "cluster", truth: str = "truth") -> Quality:
    """Figures over all observations.

    Raises:
        ValueError: A relation lacks an observation that the other one has, or has one twice.
    """
    _count_cells(connection, clusters, truth)
    row = connection.execute(OVERALL).fetchall()[0]
    observations, persons, found, correct, predicted, true_ends, extra, wrong, twins = row
    precision, recall = _share(correct, predicted), _share(correct, true_ends)
    precise, recalled = (_mean_share(connection, whole, observations) for whole in ("cluster", "person"))
    return Quality(
        int(observations),
        int(persons),
        int(found),
        precision,
        recall,
        _harmonic(precision, recall),
        precise,
        recalled,
        _harmonic(precise, recalled),
        PER_PERSONS * float(extra) / persons,
        float(wrong or 0) / float(twins) if twins else 0.0,
    )


def measure_groups(
    connection: duckdb.DuckDBPyConnection,
    clusters: str = "cluster",
    truth: str = "truth",
    fewest: int = FEWEST_PERSONS,
) -> list[GroupQuality]:
    """One figure per kind and group; groups of fewer than `fewest` persons are pooled."""
    _count_cells(connection, clusters, truth)
    found = []
    for kind, share in SHARES.items():
        rows = connection.execute(GROUPS.format(share=share), {"fewest": fewest, "pooled": POOLED}).fetchall()
        for group, persons, correct, predicted, true_ends, *squares in rows:
            precision, recall = _share(correct, predicted), _share(correct, true_ends)
            least = _least(int(persons), float(2 * correct), float(predicted + true_ends), squares)
            found.append(
                GroupQuality(kind, str(group), int(persons), precision, recall, _harmonic(precision, recall), least)
            )
    return found


def most_error(checked: int, wrong: int = 0, confidence: float = CONFIDENCE) -> float:
    """The greatest error rate that `wrong` errors among `checked` links drawn at random leave credible.

    The exact one-sided binomial bound: after n links without error it is 1 - (1 - confidence)^(1/n), some 3/n.
    """
    if not 0 <= wrong <= checked:
        raise ValueError("there cannot be more wrong links than checked ones")
    return 1.0 if wrong == checked else float(betaincinv(wrong + 1, checked - wrong, confidence))


def _count_cells(connection: duckdb.DuckDBPyConnection, clusters: str, truth: str) -> None:
    for statement in CELLS.format(clusters=clusters, truth=truth).split(";\n"):
        connection.execute(statement)
    counts = connection.execute(
        f"""SELECT (SELECT count(*) FROM {clusters}), (SELECT count(*) FROM {truth}),
        (SELECT sum(n) FROM scored_cell)"""
    ).fetchall()[0]
    if len({int(count or 0) for count in counts}) > 1:
        raise ValueError("clusters and truth must hold the same observations, each one once; make them from one run.")


def _mean_share(connection: duckdb.DuckDBPyConnection, whole: str, observations: int) -> float:
    """Mean over observations of the share of its `whole` that is of its cluster and person, to the last bit."""
    rows = connection.execute(BY_SIZE.format(whole=whole)).fetchall()
    return fsum(float(squares) / float(size) for size, squares in rows) / float(observations)


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 1.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _least(persons: int, right: float, all_ends: float, squares: list[float]) -> float:
    """Lower bound of the ratio of two sums over persons; by the exact binomial bound where there is no error at all."""
    if right == all_ends:
        return 1 - most_error(persons)
    ratio = right / all_ends
    of_right, of_both, of_all = (float(value) for value in squares)
    spread = max(0.0, of_right - 2 * ratio * of_both + ratio**2 * of_all) * persons / max(1, persons - 1)
    return max(0.0, ratio - NormalDist().inv_cdf(CONFIDENCE) * sqrt(spread) / all_ends)
