"""Verdicts on persons and merges as decisions on records, read from the build database.

A verdict on two persons is one on every observation of one beside every observation of the other: so a later verdict on
the same persons overrides all of an earlier one, and no evidence that is left can join what was parted. An observation
is mostly carried by many records, and a verdict names records, which may be corrected or withdrawn. So every record of
one side is named beside the first `WITNESSES` of each observation of the other: the word stands as long as one of
these, of either side, does.
"""

from __future__ import annotations

import duckdb

from pipelines.stewardship.delivering import Decision
from pipelines.stewardship.queue import HARD

RECORD = """record AS (
  SELECT observation_id, min_by((feed, record_id), (feed, record_id)) AS name
  FROM intermediate.source_record GROUP BY observation_id
)"""
WITNESSES = 3
PLACE = "row_number() OVER (PARTITION BY observation_id ORDER BY feed, record_id) AS place"
PERSONS = f"""WITH side AS (
  SELECT person_id, (feed, record_id) AS name, {PLACE}
  FROM linkage.person_observation AS p JOIN intermediate.source_record USING (observation_id)
  WHERE p.known_to_seq IS NULL AND person_id IN ($left, $right)
)
SELECT one.name, other.name FROM side AS one, side AS other
WHERE one.person_id = $left AND other.person_id = $right AND least(one.place, other.place) <= {WITNESSES}
ORDER BY ALL"""
WEAKEST = f"""WITH {RECORD},
own AS (SELECT observation_id FROM linkage.person_observation WHERE known_to_seq IS NULL AND person_id = $person)
SELECT one.name, other.name FROM linkage.link_evidence
JOIN record AS one ON one.observation_id = left_observation_id
JOIN record AS other ON other.observation_id = right_observation_id
WHERE known_to_seq IS NULL AND weight IS NOT NULL AND evidence NOT IN {HARD}
  AND left_observation_id IN (FROM own) AND right_observation_id IN (FROM own)
ORDER BY weight, left_observation_id, right_observation_id LIMIT 1"""
MERGES = """SELECT DISTINCT load_seq FROM linkage.link_event WHERE event = 'merged' AND person_id = $person
ORDER BY load_seq"""
# Whose each record was before the load and by it, in the words that it had then, and whose it is now in those that it
# has. Of records that say the very same, the first parts the others.
PARTED = f"""WITH owned AS (
  SELECT r.feed, r.record_id, p.person_id, greatest(r.known_from_seq, p.known_from_seq) AS known_from_seq,
    least(r.known_to_seq, p.known_to_seq) AS known_to_seq
  FROM intermediate.source_record_history AS r JOIN linkage.person_observation AS p USING (observation_id)
  WHERE p.person_id IS NOT NULL
), past AS (
  SELECT observation_id, (feed, record_id) AS name, before.person_id AS was, now.person_id AS now, {PLACE}
  FROM owned AS after JOIN owned AS before USING (feed, record_id)
  JOIN intermediate.source_record USING (feed, record_id) JOIN linkage.person_observation AS now USING (observation_id)
  WHERE after.person_id = $person AND after.known_from_seq <= $load AND coalesce(after.known_to_seq > $load, true)
    AND before.known_from_seq < $load AND coalesce(before.known_to_seq >= $load, true) AND now.known_to_seq IS NULL
)
SELECT one.name, other.name FROM past AS one JOIN past AS other ON one.was < other.was AND one.now = other.now
WHERE least(one.place, other.place) <= if(one.observation_id = other.observation_id, 1, {WITNESSES}) ORDER BY ALL"""


class NoMergeError(Exception):
    """Nothing of a merge is left to undo; the message says why."""


class NoSuchMergeError(Exception):
    """The load that is named merged nothing into the person; the message says which did."""


class NothingToDecideError(Exception):
    """The verdict would change nothing; the message says why."""


def judge_persons(connection: duckdb.DuckDBPyConnection, left: str, right: str, verdict: str) -> list[Decision]:
    """The decisions that make a verdict on two persons; on one person twice, that its weakest link holds.

    Args:
        connection: The build database.
        left: One person.
        right: The other.
        verdict: `same` or `different`.

    Raises:
        NothingToDecideError: One of them has no records, or a person is to be told from itself.
    """
    if left == right and verdict == "different":
        raise NothingToDecideError(
            "one person is parted by undoing the merge that made it: `mic unmerge PERSON --load SEQ`."
        )
    query, values = (WEAKEST, {"person": left}) if left == right else (PERSONS, {"left": left, "right": right})
    pairs = connection.execute(query, values).fetchall()
    if not pairs:
        raise NothingToDecideError(
            "no link of this person rests on likeness alone; there is nothing to confirm."
            if left == right
            else "one of the two has no records now: it went into another person, or never was. Look at `mic review`."
        )
    return [Decision(one, other, verdict) for one, other in pairs]


def undo_merge(connection: duckdb.DuckDBPyConnection, person_id: str, load_seq: int) -> list[Decision]:
    """The decisions that part what a merge joined: records that were of different persons before that load.

    Records that came with the load, or after it, go where their evidence is strongest.

    Args:
        connection: The build database.
        person_id: The person that the merge left.
        load_seq: The load in which it happened.

    Raises:
        NoSuchMergeError: No such load merged anything into the person.
        NoMergeError: The records that it joined are apart by now.
    """
    loads = [load for (load,) in connection.execute(MERGES, {"person": person_id}).fetchall()]
    if load_seq not in loads:
        known = f"it has merges in load {', '.join(map(str, loads))}" if loads else "nothing was ever merged into it"
        raise NoSuchMergeError(f"nothing was merged into this person in load {load_seq}; {known}.")
    pairs = connection.execute(PARTED, {"person": person_id, "load": load_seq}).fetchall()
    if not pairs:
        raise NoMergeError("what this merge joined is apart already, or its records were withdrawn; nothing to undo.")
    return [Decision(one, other, "different") for one, other in pairs]
