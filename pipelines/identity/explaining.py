"""Why two records are one person, or two: the pair weighed anew, field by field, beside what the ledger says of it.

Any two records may be asked for, those too that were never candidates. The pair is weighed by the code and the model of
the night; nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.identity.levels import LEVELS
from pipelines.identity.model import Model
from pipelines.identity.names import create_dictionary, create_macros
from pipelines.identity.scoring import lay_out, score_pairs

Row = dict[str, Any]
# What a source wrote that a field is made of; a name that came as one text is shown where its own column is empty.
WRITTEN = {
    "surname": ("surname", "surname_latin", "former_names"),
    "given": ("given_names", "given_names_latin"),
    "patronymic": ("patronymic",),
    "birth": ("birth_date",),
    "document": ("document_number", "document_state"),
    "iin": ("iin",),
    "sex": ("sex",),
    "origin": ("citizenship", "birth_country"),
}
NAMES = ("surname", "given", "patronymic")
SIDE = """SELECT feed, record_id, observation_id, person_id, is_current FROM (
  SELECT feed, record_id, arg_max(observation_id, known_from_seq) AS observation_id,
    bool_or(known_to_seq IS NULL) AS is_current
  FROM intermediate.source_record_history WHERE feed = $feed AND record_id = $record GROUP BY ALL
) LEFT JOIN (FROM linkage.person_observation WHERE known_to_seq IS NULL) USING (observation_id)"""
VERDICTS = """SELECT decided_at, verdict FROM staging.stg_steward_decisions AS d
JOIN intermediate.source_record AS a ON a.feed = d.left_feed AND a.record_id = d.left_record_id
JOIN intermediate.source_record AS b ON b.feed = d.right_feed AND b.record_id = d.right_record_id
WHERE least(a.observation_id, b.observation_id) = least($left, $right)
  AND greatest(a.observation_id, b.observation_id) = greatest($left, $right) ORDER BY decided_at, decision_id"""
LINKS = """SELECT evidence, weight, known_from_seq, known_to_seq FROM linkage.link_evidence
WHERE left_observation_id = least($left, $right) AND right_observation_id = greatest($left, $right) ORDER BY ALL"""
COLOURS = """SELECT colour, reason, decided_by, known_from_seq FROM linkage.identity_link WHERE known_to_seq IS NULL
AND left_person_id = least($left, $right) AND right_person_id = greatest($left, $right)"""
EVENTS = """WITH turn AS (
  SELECT DISTINCT person_id, known_from_seq AS load_seq FROM linkage.person_observation
  WHERE observation_id IN ($left, $right)
)
SELECT load_seq, event, person_id, other_person_id, reason, decided_by, model_version FROM linkage.link_event
SEMI JOIN turn USING (load_seq, person_id) ORDER BY ALL"""


class NoSuchRecordError(Exception):
    """A record is not one of a person feed that carries an identity; the message says which side."""


@dataclass(frozen=True)
class Side:
    """One of the two records.

    Attributes:
        feed: Its feed.
        record_id: Its number.
        observation_id: The identity as written that it carries.
        person_id: Whose it is now; None where it names nobody, or was withdrawn.
        is_current: Whether the record still stands.
    """

    feed: str
    record_id: str
    observation_id: int
    person_id: str | None
    is_current: bool


@dataclass(frozen=True)
class Step:
    """One field of the waterfall.

    Attributes:
        field: One of `LEVELS`.
        left: What one side says of it.
        right: What the other says.
        level: How the two stand to each other; None where a side does not say.
        bits: What this weighs.
        total: The weight so far.
    """

    field: str
    left: list[str]
    right: list[str]
    level: str | None
    bits: float
    total: float


@dataclass(frozen=True)
class Explanation:
    """Why two records are one person, or two.

    Attributes:
        left: One record.
        right: The other.
        model_version: The model that weighs.
        prior: Bits before anything is compared.
        accept: Weight from which a pair is one person.
        review: Weight from which a steward looks.
        steps: The fields, in the order of `LEVELS`; none where both records carry the same identity as written.
        weight: Prior and all bits; None where there is nothing to weigh.
        probability: The same as a probability, as the model believes it.
        conflict: What the two cannot share, by name.
        is_unsure: Whether what agrees is not enough by itself, whatever it weighs.
        verdict: `identical`, `conflict`, `unsure`, `accepted`, `review` or `different`, of the model alone.
        is_one_person: Whether they are one person now, by whatever way.
        stewards: Verdicts of stewards on the two, the last one holds.
        links: What the ledger linked the two by directly, and when.
        colours: How their persons stand to each other where they are two.
        events: Creations, merges and splits by which either came to its person.
    """

    left: Side
    right: Side
    model_version: str
    prior: float
    accept: float
    review: float
    steps: list[Step]
    weight: float | None
    probability: float | None
    conflict: str | None
    is_unsure: bool
    verdict: str
    is_one_person: bool
    stewards: list[Row]
    links: list[Row]
    colours: list[Row]
    events: list[Row]


def explain(
    connection: duckdb.DuckDBPyConnection, model: Model, left: tuple[str, str], right: tuple[str, str]
) -> Explanation:
    """Weighs the pair and reads what is known of it.

    Args:
        connection: The build database; only temporary tables are made.
        model: The model of the last load.
        left: Feed and record id of one.
        right: Feed and record id of the other.

    Raises:
        NoSuchRecordError: One of them is no record about a person that the centre holds.
    """
    one, other = _side(connection, left, "first"), _side(connection, right, "second")
    ends = {"left": one.observation_id, "right": other.observation_id}
    is_same = one.observation_id == other.observation_id
    scored = {} if is_same else _weigh(connection, model, min(ends.values()), max(ends.values()))
    weight = scored.get("weight")
    persons = {"left": one.person_id, "right": other.person_id}
    return Explanation(
        one,
        other,
        model.version,
        model.prior,
        model.accept,
        model.review,
        _steps(connection, model, one, other, scored) if scored else [],
        weight,
        None if weight is None else 1 / (1 + 2**-weight),
        scored.get("conflict"),
        bool(scored.get("is_unsure")),
        _verdict(model, scored),
        one.person_id is not None and one.person_id == other.person_id,
        _rows(connection, VERDICTS, ends),
        _rows(connection, LINKS, ends),
        _rows(connection, COLOURS, persons),
        _rows(connection, EVENTS, ends),
    )


def _side(connection: duckdb.DuckDBPyConnection, record: tuple[str, str], which: str) -> Side:
    found = connection.execute(SIDE, {"feed": record[0], "record": record[1]}).fetchone()
    if found is None or found[2] is None:
        raise NoSuchRecordError(
            f"the {which} record is not among those that carry a person's identity: look at the feed's name and the "
            "record's number. Records of citizens, and those held back, are linked to nobody."
        )
    return Side(*found)


def _weigh(connection: duckdb.DuckDBPyConnection, model: Model, left: int, right: int) -> Row:
    create_dictionary(connection, "linkage")
    create_macros(connection)
    lay_out(connection, model)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE asked_pair AS SELECT $left::UBIGINT AS left_id, $right::UBIGINT AS right_id",
        {"left": left, "right": right},
    )
    score_pairs(connection, model, "(SELECT *, true AS is_close FROM asked_pair)", "explained")
    return _rows(connection, "FROM explained", {})[0]


def _steps(connection: duckdb.DuckDBPyConnection, model: Model, one: Side, other: Side, scored: Row) -> list[Step]:
    left, right = (
        _rows(connection, "FROM intermediate.observation WHERE observation_id = $id", {"id": side.observation_id})[0]
        for side in (one, other)
    )
    steps, total = [], model.prior
    for field, names in LEVELS.items():
        level, bits = scored[field], float(scored[f"{field}_bits"])
        total += bits
        named = None if level is None else names[level]
        steps.append(Step(field, _written(left, field), _written(right, field), named, bits, total))
    return steps


def _written(observation: Row, field: str) -> list[str]:
    said = [str(observation[column]) for column in WRITTEN[field] if observation[column]]
    whole = observation["full_name"] if field in NAMES else None
    return said or ([str(whole)] if whole else [])


def _verdict(model: Model, scored: Row) -> str:
    if not scored:
        return "identical"
    if scored["conflict"]:
        return "conflict"
    if scored["is_unsure"]:
        return "unsure"
    if scored["weight"] >= model.accept:
        return "accepted"
    return "review" if scored["weight"] >= model.review else "different"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> list[Row]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
