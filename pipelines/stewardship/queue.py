"""What wants a steward's look, by the harm that a wrong answer would do.

Two kinds: `apart` are two persons who may be one, `joined` is one person whose weakest link rests on likeness alone.
Harm is the chance of being wrong times what stands on it: one for the person, and one for each open stay, status in
force and ban in force.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.identity.levels import LEVELS

Row = dict[str, Any]
SURE = 0.99
HARD = "('iin', 'document', 'steward')"
FIELDS = (
    "surname",
    "given_names",
    "patronymic",
    "full_name",
    "former_names",
    "surname_latin",
    "given_names_latin",
    "birth_date",
    "sex",
    "citizenship",
    "birth_country",
    "document_type",
    "document_number",
    "document_state",
    "iin",
    "feed",
)
PENDING = f"""WITH stake AS (
  SELECT person_id, count(*) AS facts FROM (
    SELECT person_id FROM registry.stay WHERE ended_on IS NULL AND departed_on IS NULL
    UNION ALL SELECT person_id FROM registry.legal_status, meta.release
    WHERE valid_from <= as_of AND coalesce(valid_to > as_of, true)
    UNION ALL SELECT person_id FROM registry.enforcement_case, meta.release WHERE ban_until >= as_of
  ) GROUP BY person_id
),
owner AS (SELECT DISTINCT observation_id, person_id FROM registry.identity),
held AS (SELECT person_id, list(observation_id) AS spellings FROM owner GROUP BY person_id),
judged AS (
  SELECT left_observation_id, right_observation_id FROM registry.link_evidence WHERE evidence = 'steward'
),
doubtful AS (
  SELECT person_id, arg_min(likeness, (weight, left_observation_id, right_observation_id)) AS weakest
  FROM registry.link_evidence AS likeness ANTI JOIN judged USING (left_observation_id, right_observation_id)
  JOIN owner ON observation_id = left_observation_id
  WHERE evidence NOT IN {HARD} AND weight IS NOT NULL GROUP BY person_id
),
waiting AS (
  SELECT 'apart' AS kind, left_person_id, right_person_id, probability, probability AS wrong, one.spellings AS one,
    other.spellings AS other
  FROM registry.identity_link JOIN held AS one ON one.person_id = left_person_id
  JOIN held AS other ON other.person_id = right_person_id WHERE colour = 'yellow'
  UNION ALL
  SELECT 'joined', person_id, person_id, 1 / (1 + pow(2, -weakest.weight)), 1 / (1 + pow(2, weakest.weight)),
    [weakest.left_observation_id], [weakest.right_observation_id]
  FROM doubtful WHERE 1 / (1 + pow(2, -weakest.weight)) < {SURE}
),
ranked AS (
  SELECT waiting.*, coalesce(l.facts, 0) + if(kind = 'apart', coalesce(r.facts, 0), 0) AS facts
  FROM waiting
  LEFT JOIN stake AS l ON l.person_id = left_person_id LEFT JOIN stake AS r ON r.person_id = right_person_id
)
SELECT kind, round(wrong * (1 + facts), 3) AS harm, round(probability, 3) AS probability, facts, left_person_id,
  right_person_id, one, other
FROM ranked ORDER BY wrong * (1 + facts) DESC, left_person_id, right_person_id LIMIT $most"""
# That a person is known from these feeds is for asylum officers, and decides nothing about who it is.
ASYLUM_FEEDS = ("asylum_cases", "return_cases")
SIDE = f"""SELECT {", ".join(f"list_sort(list_distinct(list({name}))) AS {name}" for name in FIELDS)}
FROM (SELECT * REPLACE (if(feed IN {ASYLUM_FEEDS}, NULL, feed) AS feed) FROM registry.identity)
WHERE list_contains($spellings, observation_id)"""
SPELLINGS = "SELECT list(DISTINCT observation_id) FROM registry.identity WHERE person_id = $person"
COMPARED = f"""WITH own AS (SELECT observation_id, person_id FROM linkage.person_observation WHERE known_to_seq IS NULL)
SELECT weight, struct_pack({", ".join(LEVELS)}) AS levels FROM linkage.pair
JOIN own AS one ON one.observation_id = left_observation_id
JOIN own AS other ON other.observation_id = right_observation_id
WHERE (one.person_id, other.person_id) IN (($left, $right), ($right, $left)) ORDER BY weight DESC LIMIT 1"""


def pending(restricted: duckdb.DuckDBPyConnection, most: int) -> list[Row]:
    """One row per pair of persons, or person, that wants a look; the greatest expected harm first.

    Args:
        restricted: The restricted file, in use.
        most: How many at most.
    """
    found = restricted.execute(PENDING, {"most": most})
    names = [column[0] for column in found.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    for row in rows:
        sides = (("left", _side(restricted, row.pop("one"))), ("right", _side(restricted, row.pop("other"))))
        row |= {f"{side}_{name}": value for side, said in sides for name, value in shortly(said).items()}
    return rows


def side_by_side(restricted: duckdb.DuckDBPyConnection, left: str, right: str) -> list[Row]:
    """One row per field of the identity block: what is held of one person and of the other."""
    one, other = (
        _side(restricted, restricted.execute(SPELLINGS, {"person": person}).fetchall()[0][0] or [])
        for person in (left, right)
    )
    return [{"field": name, "left": one[name], "right": other[name]} for name in FIELDS if one[name] or other[name]]


def compared(build: duckdb.DuckDBPyConnection, left: str, right: str) -> tuple[float, dict[str, int]] | None:
    """Weight and levels of the best pair of spellings of two persons; None where no pair was weighed."""
    found = build.execute(COMPARED, {"left": left, "right": right}).fetchone()
    return (found[0], found[1]) if found else None


def _side(restricted: duckdb.DuckDBPyConnection, spellings: list[int]) -> dict[str, list[str]]:
    (values,) = restricted.execute(SIDE, {"spellings": spellings}).fetchall()
    return {name: value or [] for name, value in zip(FIELDS, values, strict=True)}


def shortly(said: dict[str, list[str]]) -> dict[str, str]:
    """A side of a pair in one line: the parts of names, birth dates and documents."""
    parts = {"names": FIELDS[:7], "born": ("birth_date",), "documents": ("document_number", "iin")}
    return {name: " / ".join(value for column in columns for value in said[column]) for name, columns in parts.items()}
