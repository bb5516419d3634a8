"""Linking one load: observations that changed, the persons that they make, and what became of older persons."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity import naming, person_ids
from pipelines.identity.candidates import find_candidates
from pipelines.identity.colours import colour, own
from pipelines.identity.levels import LEVELS, NEAR
from pipelines.identity.model import Model
from pipelines.identity.observed import observe
from pipelines.identity.numbering import NOWHERE
from pipelines.identity.reach import ACCEPTED, read_verdicts, seed, spread
from pipelines.identity.resolve import Evidence, Pairs, resolve
from pipelines.identity.scoring import lay_out, score_pairs
from pipelines.identity.tables import create_tables, heal
from pipelines.storage.faults import passage
from pipelines.storage.home import Home

FRESH = """(SELECT * FROM intermediate.observation WHERE observation_id NOT IN
  (SELECT observation_id FROM linkage.observed))"""
LEVELS_AND_BITS = ", ".join([*LEVELS, *(f"{field}_bits" for field in LEVELS)])
KEEP = f"""INSERT INTO linkage.pair
SELECT left_id, right_id, {LEVELS_AND_BITS}, conflict, is_unsure, weight, $model, $load FROM scored"""

# Heaviest first.
EDGES = f"""CREATE OR REPLACE TEMP TABLE edge AS
SELECT left_observation_id AS left_id, right_observation_id AS right_id, weight, a.place AS left_place,
  b.place AS right_place
FROM linkage.pair JOIN live AS a ON a.observation_id = left_observation_id
JOIN live AS b ON b.observation_id = right_observation_id WHERE {ACCEPTED}
ORDER BY weight DESC, left_place, right_place"""
LARGEST = 1_000
# Two that nothing made candidates may stand in one component through a third; whether they can be one is asked then.
UNSEEN = """CREATE OR REPLACE TEMP TABLE unseen AS
WITH grown AS (SELECT component FROM connected GROUP BY component HAVING count(*) BETWEEN 3 AND $largest)
SELECT a.observation_id AS left_id, b.observation_id AS right_id, true AS is_close
FROM connected AS a SEMI JOIN grown USING (component) JOIN connected AS b USING (component)
WHERE a.observation_id < b.observation_id AND NOT EXISTS (FROM edge
  WHERE left_id = a.observation_id AND right_id = b.observation_id)"""
# Two that conflict in a field are one where a third fits both by so many bits and has the field as one of them has it:
# the other's is a slip. Two IINs are never bridged, nor papers in a row, which twins have.
BRIDGE = 15.0
CONFLICTS = f"""WITH firm AS (
  SELECT left_id AS one, right_id AS other, birth, given, patronymic FROM edge
  JOIN linkage.pair ON left_observation_id = left_id AND right_observation_id = right_id WHERE edge.weight >= {BRIDGE}
), either AS (FROM firm UNION ALL SELECT other, one, birth, given, patronymic FROM firm),
bridged AS (
  SELECT DISTINCT left_id, right_id FROM asked JOIN either AS a ON a.one = left_id
  JOIN either AS b ON b.one = right_id AND b.other = a.other
  WHERE CASE conflict WHEN 'birth' THEN {len(LEVELS["birth"]) - 1} IN (a.birth, b.birth)
    WHEN 'given' THEN greatest(a.given, b.given) >= {NEAR}
    WHEN 'patronymic' THEN greatest(a.patronymic, b.patronymic) >= {NEAR} END
)
SELECT left_id, right_id FROM asked ANTI JOIN bridged USING (left_id, right_id)
WHERE conflict IS NOT NULL ORDER BY ALL"""
EVIDENCE = """
CREATE OR REPLACE TEMP TABLE evidence_now AS
  SELECT left_id, right_id, CASE WHEN iin = 1 THEN 'iin' WHEN document = 4 THEN 'document' ELSE 'model' END AS evidence,
    weight
  FROM owned_pair WHERE is_within AND conflict IS NULL AND NOT is_unsure AND weight >= $accept
  UNION ALL SELECT left_id, right_id, 'steward', NULL FROM steward_pair
  JOIN assigned AS a ON a.observation_id = left_id JOIN assigned AS b ON b.observation_id = right_id
  WHERE verdict = 'same' AND a.person_id = b.person_id;
UPDATE linkage.link_evidence AS l SET known_to_seq = $load
  WHERE l.known_to_seq IS NULL AND l.left_observation_id IN (SELECT observation_id FROM reached) AND NOT EXISTS (
    FROM evidence_now AS e WHERE e.left_id = l.left_observation_id AND e.right_id = l.right_observation_id
      AND e.evidence = l.evidence AND e.weight IS NOT DISTINCT FROM l.weight);
INSERT INTO linkage.link_evidence
  SELECT left_id, right_id, evidence, weight, $load, NULL FROM evidence_now AS e WHERE NOT EXISTS (
    FROM linkage.link_evidence AS l WHERE l.known_to_seq IS NULL AND e.left_id = l.left_observation_id
      AND e.right_id = l.right_observation_id AND e.evidence = l.evidence)
"""


@dataclass(frozen=True)
class LinkCounts:
    """What linking one load did, in numbers alone.

    Attributes:
        observations: Observations looked at.
        edges: Accepted pairs among them.
        created: New persons.
        merged: Persons that went into an older one.
        split: Persons that came out of another one.
        touched: Persons whose facts the models compute anew.
        compared: Pairs that were compared.
        capped: Blocking keys that too many observations share to be used.
        yellow: Links between persons that want a steward's look, after this load.
        red: Links between persons that contradict themselves, after this load.
        mean_probability: Mean probability of the accepted pairs among the observations looked at; None without any.
    """

    observations: int
    edges: int
    created: int
    merged: int
    split: int
    touched: int
    compared: int
    capped: int
    yellow: int
    red: int
    mean_probability: float | None


def link(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, key: str, model: Model) -> LinkCounts:
    """Links what a load brought.

    Reads `intermediate.observation`, `intermediate.source_record(_history)` and `staging.stg_steward_decisions`;
    writes `linkage.*` for `load_seq`, first what observations are by themselves, then all else in one transaction.
    Running it again for the same load gives the same rows. Where the model is another than that of the last load, all
    pairs are weighed anew.

    Args:
        connection: The build database.
        home: For the identity ledger.
        load_seq: The load.
        key: Secret of the person ids.
        model: The model of this load.
    """
    create_tables(connection)
    lay_out(connection, model)
    connection.begin()
    heal(connection, load_seq)
    observe(connection, FRESH)
    connection.commit()  # what is not committed has no statistics, and the engine would join by guess
    connection.begin()
    is_changed = _note_model(connection, load_seq, model)
    read_verdicts(connection, load_seq)
    seed(connection, load_seq, is_changed)
    capped = find_candidates(connection, load_seq, is_changed)
    compared = score_pairs(connection, model, "candidate", "scored", model.review)
    connection.execute(KEEP, {"model": model.version, "load": load_seq})
    observations = spread(connection, model.accept)
    _cluster(connection, model)
    person_ids.recall(connection, home, load_seq)
    naming.name_persons(connection, load_seq, key)
    naming.turn(connection, load_seq, model.version)
    own(connection)
    _keep_evidence(connection, load_seq, model)
    colour(connection, load_seq)
    passage("link.commit")
    connection.commit()
    person_ids.write_ledger(connection, home, load_seq)
    return _counts(connection, load_seq, observations, compared, capped)


def _note_model(connection: duckdb.DuckDBPyConnection, load_seq: int, model: Model) -> bool:
    """Notes the model of the load; where the load before had another, what that one weighed goes, and this is told.

    The load before says it, not the pairs that are there: a killed run of this load has removed these.
    """
    ((before,),) = connection.execute("SELECT arg_max(model_version, load_seq) FROM linkage.model_used").fetchall()
    connection.execute("INSERT INTO linkage.model_used VALUES ($1, $2)", [load_seq, model.version])
    if before == model.version:
        return False
    connection.execute("DELETE FROM linkage.pair")
    return True


def _cluster(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes `membership(observation_id, cluster, is_person)`: one row per living observation reached."""
    connection.execute(EDGES.format(accept=model.accept))
    live = connection.execute("SELECT observation_id, is_sufficient FROM live ORDER BY place").to_arrow_table()
    ids = live["observation_id"].to_numpy()
    steward = "SELECT left_id, right_id FROM steward_pair WHERE verdict = '{}' ORDER BY ALL"
    same, different = (_pairs(connection, ids, steward.format(word)) for word in ("same", "different"))
    edges = connection.execute("SELECT left_place, right_place, weight FROM edge").fetchnumpy()
    accepted, weights = (edges["left_place"], edges["right_place"]), edges["weight"] - model.accept
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    labels = Evidence(len(ids), same, accepted, weights, nothing, nothing).components()
    _lay_down(connection, "connected", {"observation_id": ids, "component": ids[labels]})
    connection.execute(UNSEEN, {"largest": LARGEST})
    score_pairs(connection, model, "unseen", "asked")
    conflicts = _pairs(connection, ids, CONFLICTS)
    labels = resolve(Evidence(len(ids), same, accepted, weights, different, conflicts))
    names_someone = live["is_sufficient"].to_numpy(zero_copy_only=False).astype(bool)
    names_someone[np.concatenate([*same, *different])] = True
    is_person = np.zeros(len(ids), dtype=bool)
    is_person[labels[names_someone]] = True
    membership = {"observation_id": ids, "cluster": ids[labels], "is_person": is_person[labels]}
    _lay_down(connection, "membership", membership)


def _pairs(connection: duckdb.DuckDBPyConnection, ids: np.ndarray, query: str) -> Pairs:
    """Places of the pairs of a query whose two ends are among the observations."""
    found = connection.execute(query).fetchnumpy()
    ends = [found[end].astype(np.uint64) for end in ("left_id", "right_id")]
    left, right = (pc.index_in(pa.array(end), pa.array(ids)).fill_null(NOWHERE).to_numpy() for end in ends)
    inside = (left != NOWHERE) & (right != NOWHERE)
    return left[inside].astype(np.int64), right[inside].astype(np.int64)


def _lay_down(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, np.ndarray]) -> None:
    connection.register("given_columns", pa.table(columns))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM given_columns")
    connection.unregister("given_columns")


def _keep_evidence(connection: duckdb.DuckDBPyConnection, load_seq: int, model: Model) -> None:
    values = {"load": load_seq, "accept": model.accept}
    for statement in EVIDENCE.strip().split(";\n"):
        connection.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _counts(
    connection: duckdb.DuckDBPyConnection, load_seq: int, observations: int, compared: int, capped: int
) -> LinkCounts:
    created, merged, split = connection.execute(
        """SELECT count(*) FILTER (event = 'created'),
          count(*) FILTER (event = 'merged'), count(*) FILTER (event = 'split')
        FROM linkage.link_event WHERE load_seq = $1""",
        [load_seq],
    ).fetchall()[0]
    edges, touched = connection.execute(
        "SELECT (SELECT count(*) FROM edge), (SELECT count(*) FROM linkage.touched_person)"
    ).fetchall()[0]
    yellow, red, mean = connection.execute(
        """SELECT count(*) FILTER (colour = 'yellow'), count(*) FILTER (colour = 'red'),
          (SELECT avg(1 / (1 + pow(2, -weight))) FROM edge)
        FROM linkage.identity_link WHERE known_to_seq IS NULL"""
    ).fetchall()[0]
    return LinkCounts(observations, edges, created, merged, split, touched, compared, capped, yellow, red, mean)
