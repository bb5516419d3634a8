"""What another model would make of the observations of a home, before anything of it is published.

All happens on a copy in memory: the linkage of the home is copied, and the next load is rehearsed there with nothing in
it but the other model. It is the linkage of a night, so that what it merges and splits is what the night would, with
stewards' verdicts honoured. Nothing is written into the home.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.identity.candidates import find_candidates
from pipelines.identity.levels import LEVELS
from pipelines.identity.link import link
from pipelines.identity.measuring import most_error
from pipelines.identity.model import Model
from pipelines.identity.reach import ACCEPTED, read_verdicts, seed
from pipelines.identity.scoring import lay_out, score_pairs
from pipelines.identity.tables import create_tables
from pipelines.identity.training import train
from pipelines.settings import Settings
from pipelines.storage import Home, attach_file, open_memory, read_key, run_lock
from pipelines.storage.database import quoted
from pipelines.storage.loads import last_load

Row = dict[str, Any]
READ = ("intermediate.observation", "intermediate.source_record_history", "staging.stg_steward_decisions")
LINKAGE = """SELECT 'linkage.' || table_name FROM duckdb_tables()
WHERE database_name = 'build' AND schema_name = 'linkage'"""
AROUND = """
CREATE VIEW intermediate.source_record AS FROM intermediate.source_record_history WHERE known_to_seq IS NULL;
CREATE SCHEMA raw;
CREATE TABLE raw.steward_decisions (left_feed VARCHAR, left_record_id VARCHAR, right_feed VARCHAR,
  right_record_id VARCHAR, load_seq INTEGER, known_from_seq INTEGER, known_to_seq INTEGER)
"""

FEWEST_PAIRS = 100
ALIKE = """SELECT count(*) FILTER (x.iin = y.iin), count(*) FILTER (x.document = y.document) FROM candidate
JOIN linkage.observed AS x ON x.observation_id = left_id JOIN linkage.observed AS y ON y.observation_id = right_id"""
PATTERN = ", ".join(
    f"list_extract([{', '.join(repr(name) for name in names)}], {field}::INTEGER + 1) AS {field}"
    for field, names in LEVELS.items()
)
# The pairs that make or unmake a person: accepted under one of the two models, with ends that were or come together.
CHANGED = f"""CREATE OR REPLACE TEMP TABLE changed_pair AS
WITH accepted AS (
  SELECT left_observation_id AS left_id, right_observation_id AS right_id FROM linkage.pair WHERE {ACCEPTED}
  UNION SELECT left_id, right_id FROM accepted_before
)
SELECT left_id, right_id, CASE WHEN a.after = b.after THEN 'merged' ELSE 'split' END AS change
FROM accepted JOIN stood AS a ON a.observation_id = left_id JOIN stood AS b ON b.observation_id = right_id
WHERE (a.before = b.before) <> (a.after = b.after)"""
STOOD = """CREATE OR REPLACE TEMP TABLE stood AS
SELECT observation_id, b.person_id AS before, a.person_id AS after
FROM person_before AS b JOIN (FROM linkage.person_observation WHERE known_to_seq IS NULL) AS a USING (observation_id)
WHERE b.person_id IS NOT NULL AND a.person_id IS NOT NULL"""
COUNTED = """WITH size AS (SELECT before, count(DISTINCT after) AS afters FROM stood GROUP BY before),
came AS (SELECT after, count(DISTINCT before) AS befores FROM stood GROUP BY after),
moved AS (SELECT observation_id FROM stood WHERE before <> after)
SELECT (SELECT count(*) FROM size), (SELECT count(*) FROM came),
  (SELECT count(DISTINCT before) FROM stood JOIN came USING (after) WHERE befores > 1),
  (SELECT count(*) FROM size WHERE afters > 1),
  (SELECT count(DISTINCT before) FROM stood JOIN size USING (before) JOIN came USING (after)
    WHERE befores = 1 AND afters = 1),
  (SELECT count(*) FROM moved),
  (SELECT count(*) FROM intermediate.source_record SEMI JOIN moved USING (observation_id))"""
# A conflict is named; else the fields that do not simply agree say what kind of pair it is.
BY_KIND = f"""WITH named AS (
  SELECT change, left_id, right_id, weight, CASE WHEN conflict IS NOT NULL THEN 'conflict: ' || conflict
    WHEN is_unsure THEN 'not enough by itself'
    ELSE coalesce(nullif(concat_ws(', ', {{differing}}), ''), 'all agrees') END AS pattern
  FROM changed_pair JOIN (SELECT * REPLACE ({PATTERN}) FROM weighed_anew) USING (left_id, right_id)
)
SELECT change, pattern, count(*) AS pairs, avg(probability) AS probability,
  avg(CASE WHEN change = 'merged' THEN probability WHEN NOT starts_with(pattern, 'conflict') THEN 1 - probability END)
    AS "right"
FROM (SELECT *, 1 / (1 + pow(2, -weight)) AS probability FROM named)
GROUP BY ALL ORDER BY change, pairs DESC, pattern"""
AGREES = ("exact", "reading", "root", "same", "citizenship")
DIFFERING = ", ".join(
    f"CASE WHEN {field} NOT IN {AGREES} THEN '{field} ' || {field} END" for field in LEVELS if field != "iin"
)
# What each model says of the pairs that stewards have judged, by itself; their word holds whatever it says.
BY_STEWARDS = f"""SELECT count(*), count(*) FILTER ((verdict = 'same') = ({ACCEPTED}))
FROM judged_pair JOIN steward_pair USING (left_id, right_id)"""
PERSONS = """SELECT DISTINCT CASE WHEN befores > 1 THEN 'merged' ELSE 'split' END AS change, before AS person_id,
  CASE WHEN after IN (SELECT before FROM stood) THEN after END AS with_person_id
FROM stood JOIN (SELECT after, count(DISTINCT before) AS befores FROM stood GROUP BY after) USING (after)
WHERE before <> after ORDER BY ALL"""


class TooLittleToLearnError(Exception):
    """A home has too few pairs of a hard number to learn from."""


class SameNameError(Exception):
    """Two models bear one name."""


@dataclass(frozen=True)
class Comparison:
    """What one model would make of a home that another one has linked.

    Attributes:
        old: Version of the model that the persons stand by.
        new: Version of the other.
        numbers: Persons before and after, merged, split and unchanged, observations and records moved.
        kinds: One row per change and kind of pair: `pairs` that make it, the new model's mean `probability` that such a
            pair is one person, and the `right` share of the changes by that; a split by a conflict is not judged so.
        stewards: One row per model: pairs with a steward's verdict, how many it would have decided alike by itself, and
            the least share of agreement that these leave credible, were they drawn at random.
        persons: One row per person whose observations come to another, with that one where it has an id already.
    """

    old: str
    new: str
    numbers: dict[str, int]
    kinds: list[Row]
    stewards: list[Row]
    persons: list[Row]


@contextmanager
def scratch(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Home, int]]:
    """A copy of the linkage of a home in memory, a home of its own beside it, and the last load.

    The home's lock is held while it is copied, no longer.
    """
    home = Home(settings.home)
    with tempfile.TemporaryDirectory(prefix="mic-rehearsal-") as folder, open_memory(settings) as connection:
        beside = Home(Path(folder))
        beside.prepare()
        connection.execute(f"SET temp_directory = {quoted(beside.temporary)}")
        with run_lock(home.lock, "mic identity", settings.lock_wait_seconds):
            attach_file(connection, home.database, "build", read_key(settings, "registry"), read_only=True)
            load_seq = last_load_of(connection)
            copy_linkage(connection)
            connection.execute("DETACH build")
        yield connection, beside, load_seq


def last_load_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The last committed load of the attached database."""
    connection.execute("USE build")
    load_seq = last_load(connection)
    connection.execute("USE memory")
    return load_seq


def copy_linkage(connection: duckdb.DuckDBPyConnection) -> None:
    """Copies what the linkage reads and keeps from the attached database `build`."""
    tables = [name for (name,) in connection.execute(LINKAGE).fetchall()]
    for schema in ("linkage", "intermediate", "staging"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for table in (*READ, *tables):
        connection.execute(f"CREATE TABLE {table} AS FROM build.{table}")
    for statement in AROUND.strip().split(";\n"):
        connection.execute(statement)


def train_anew(
    connection: duckdb.DuckDBPyConnection, load_seq: int, like: Model, version: str, persons: int | None = None
) -> Model:
    """A model of the observations of a copied home, with the thresholds of another.

    Args:
        connection: The copy.
        load_seq: A load after the last one.
        like: Whose thresholds it takes.
        version: Its name.
        persons: Size of the population that the prior is for; the persons of the home by default.

    Raises:
        TooLittleToLearnError: Too few pairs share a hard number.
    """
    create_tables(connection)
    read_verdicts(connection, load_seq)
    seed(connection, load_seq, everything=True)
    find_candidates(connection, load_seq, everything=True)
    pairs = dict(zip(("an IIN", "a document number"), connection.execute(ALIKE).fetchall()[0], strict=True))
    if few := [f"{number} share {name}" for name, number in pairs.items() if number < FEWEST_PAIRS]:
        raise TooLittleToLearnError(
            f"of the pairs of this home {' and '.join(few)}; {FEWEST_PAIRS} of each are needed to learn from. Use the "
            "model that ships, or train on a larger home."
        )
    known = "SELECT count(DISTINCT person_id) FROM linkage.person_observation WHERE known_to_seq IS NULL"
    size = persons or int(connection.execute(known).fetchall()[0][0])
    return train(connection, version, like.accept, like.review, size, "observations of a home, without truth")


def rehearse(
    connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, old: Model, new: Model, is_in_use: bool = True
) -> Comparison:
    """Links a copied home under a new model and says what changes.

    Args:
        connection: The copy; it stands as the new model has it afterwards.
        home: The home of the copy.
        load_seq: A load after the last one.
        old: The model to compare with.
        new: The other.
        is_in_use: Whether the persons stand by the old model already.

    Raises:
        SameNameError: Both models bear one name, so that nothing would be weighed anew.
    """
    if old.version == new.version:
        raise SameNameError(f"both models are named {new.version}; train the other one under a name of its own.")
    if not is_in_use:
        link(connection, home, load_seq, "rehearsal", old)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE accepted_before AS SELECT left_observation_id AS left_id,
        right_observation_id AS right_id FROM linkage.pair WHERE {ACCEPTED.format(accept=old.accept)}"""
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE person_before AS FROM linkage.person_observation WHERE known_to_seq IS NULL"
    )
    link(connection, home, load_seq + 1, "rehearsal", new)
    connection.execute(STOOD)
    connection.execute(CHANGED.format(accept=new.accept))
    score_pairs(connection, new, "(SELECT *, true AS is_close FROM changed_pair)", "weighed_anew")
    names = ("persons_before", "persons_after", "merged", "split", "unchanged", "observations_moved", "records_moved")
    numbers = dict(zip(names, map(int, connection.execute(COUNTED).fetchall()[0]), strict=True))
    kinds = _rows(connection, BY_KIND.format(differing=DIFFERING))
    persons = _rows(connection, PERSONS)
    judged = [_beside_stewards(connection, model) for model in (old, new)]
    return Comparison(old.version, new.version, numbers, kinds, judged, persons)


def _beside_stewards(connection: duckdb.DuckDBPyConnection, model: Model) -> Row:
    lay_out(connection, model)
    score_pairs(connection, model, "(SELECT left_id, right_id, true AS is_close FROM steward_pair)", "judged_pair")
    verdicts, alike = connection.execute(BY_STEWARDS.format(accept=model.accept)).fetchall()[0]
    least = 1 - most_error(verdicts, verdicts - alike) if verdicts else None
    return {"model": model.version, "verdicts": verdicts, "agreeing": alike, "agree_at_least": least}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
