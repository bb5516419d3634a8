"""A blind sample of pairs for stewards, and its marks: what is drawn, and how often each kind of pair was drawn.

Pairs are drawn from three strata: accepted and near the threshold, accepted and far from it, and weighed but not
joined. The last are there so that whoever judges cannot know that a pair was accepted. The draw is a function of load,
seed and number, in an order that tells nothing of the strata, so that those who stop half-way leave a sample too.
Neither weight nor stratum nor person is shown. The mark stands before the steward's reason and holds what the estimate
needs (`pipelines.identity.clerical`): a verdict may move the pair by the next load, and its stratum would be gone.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.identity.clerical import mark
from pipelines.stewardship.delivering import Decision
from pipelines.stewardship.judging import RECORD
from pipelines.stewardship.queue import FIELDS, Row, shortly

# Accepted pairs of fewer bits above the threshold are near it.
NEAR_BITS = 6.0
SHOWN = tuple(name for name in FIELDS if name != "feed")
SIDE = f"struct_pack({', '.join(SHOWN)})"
DRAWN = f"""WITH {RECORD},
owner AS (
  SELECT observation_id, person_id FROM linkage.person_observation WHERE known_to_seq IS NULL AND person_id IS NOT NULL
),
accepted AS (
  SELECT left_observation_id AS left_id, right_observation_id AS right_id, max(weight) AS weight
  FROM linkage.link_evidence WHERE known_to_seq IS NULL AND evidence <> 'steward' GROUP BY ALL
),
apart AS (
  SELECT left_observation_id AS left_id, right_observation_id AS right_id FROM linkage.pair
  JOIN owner AS one ON one.observation_id = left_observation_id
  JOIN owner AS other ON other.observation_id = right_observation_id WHERE one.person_id <> other.person_id
),
frame AS (
  SELECT left_id, right_id, CASE WHEN weight < $accept + {NEAR_BITS} THEN 'near' ELSE 'far' END AS stratum FROM accepted
  UNION ALL SELECT left_id, right_id, 'rejected' FROM apart
),
turned AS (
  SELECT *, md5(concat_ws('/', $load, $seed, left_id, right_id)) AS turn,
    ($number + CASE stratum WHEN 'near' THEN 2 WHEN 'far' THEN 1 ELSE 0 END) // 3 AS share FROM frame
),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY turn, left_id, right_id) AS place FROM turned
),
side AS (SELECT observation_id, {SIDE} AS said FROM intermediate.observation)
SELECT one.name, other.name, stratum, (SELECT count(*) FROM frame WHERE stratum = 'near'),
  (SELECT count(*) FROM frame WHERE stratum = 'far'), a.said, b.said, x.person_id, y.person_id
FROM placed
JOIN record AS one ON one.observation_id = left_id JOIN record AS other ON other.observation_id = right_id
JOIN side AS a ON a.observation_id = left_id JOIN side AS b ON b.observation_id = right_id
JOIN owner AS x ON x.observation_id = left_id JOIN owner AS y ON y.observation_id = right_id
WHERE place <= share ORDER BY turn, left_id, right_id"""


@dataclass(frozen=True)
class Drawn:
    """One pair of the sample.

    Attributes:
        left: Feed and record id of one side.
        right: Feed and record id of the other.
        mark: What the estimate needs to know of the draw; it tells the stratum and is not shown.
        sides: What each side says, by field.
        persons: Whose the two are, for the log; not shown.
    """

    left: tuple[str, str]
    right: tuple[str, str]
    mark: str
    sides: tuple[Row, Row]
    persons: tuple[str, str]

    def decision(self, verdict: str) -> Decision:
        """A verdict on the pair."""
        return Decision(self.left, self.right, verdict)

    def fields(self) -> list[Row]:
        """One row per field of the identity block that either side has."""
        one, other = self.sides
        return [{"field": name, "left": one[name], "right": other[name]} for name in SHOWN if one[name] or other[name]]

    def in_one_line(self) -> Row:
        """Both sides, each as names, birth and documents."""
        return {
            f"{side}_{name}": value
            for side, said in zip(("left", "right"), self.sides, strict=True)
            for name, value in shortly({field: [text] if text else [] for field, text in said.items()}).items()
        }


def draw(build: duckdb.DuckDBPyConnection, load_seq: int, accept: float, number: int, seed: int) -> list[Drawn]:
    """Draws a sample, a third of it from each stratum as far as it has so many pairs.

    Args:
        build: The build database.
        load_seq: The last load.
        accept: The threshold of its model.
        number: How many pairs at most.
        seed: Another number draws another sample.
    """
    values = {"load": load_seq, "accept": accept, "number": number, "seed": seed}
    found = build.execute(DRAWN, values).fetchall()
    return [
        Drawn(left, right, mark(load_seq, seed, stratum, near, far), (one, other), (owner, mate))
        for left, right, stratum, near, far, one, other, owner, mate in found
    ]
