"""Linking one load: observations that changed, the persons that they make, and what became of older persons."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.identity import memory, naming, person_ids
from pipelines.identity.candidates import KEEP_PAST, find_candidates
from pipelines.identity.colours import colour
from pipelines.identity.edges import Edges
from pipelines.identity.levels import FAR, LEVELS, NEAR, OF_A_WOMAN, WHOLE_DATE, read_pairs
from pipelines.identity.model import Model
from pipelines.identity.numbering import NOWHERE, Ids, Places, laid_out, places_of
from pipelines.identity.observed import observe
from pipelines.identity.reach import HANDS, read_verdicts, seed, spread
from pipelines.identity.rearranging import crossed
from pipelines.identity.resolve import Evidence, Pairs, resolve
from pipelines.identity.scoring import lay_out, score_pairs, weigh_by_parts
from pipelines.identity.tables import create_tables, heal
from pipelines.lasting import uncollected
from pipelines.storage.database import on_threads
from pipelines.storage.faults import passage
from pipelines.storage.home import Home

# What came since the last load that was linked; whatever was observed before stays as it is, which is almost never any.
FRESH = "(FROM intermediate.observation WHERE first_load_seq > {last})"
ANY = "SELECT 1 FROM {fresh} LIMIT 1"
OBSERVED_BEFORE = "SELECT 1 FROM linkage.observed SEMI JOIN {fresh} USING (observation_id) LIMIT 1"
UNOBSERVED = "(FROM {fresh} ANTI JOIN linkage.observed USING (observation_id))"
# So many observations before a load make its statements pass over history for the most part, and so many of its own are
# few enough for two threads in the memory of a night.
LONG_HISTORY, A_NIGHT = 1_000_000, 500_000
SIZES = """SELECT (SELECT count(*) FROM linkage.observed),
  (SELECT count(*) FROM intermediate.observation WHERE first_load_seq = $load)"""
LEVELS_AND_BITS = ", ".join([*LEVELS, *(f"{field}_bits" for field in LEVELS)])
KEEP = f"""INSERT INTO linkage.pair
SELECT left_id, right_id, {LEVELS_AND_BITS}, conflict, is_unsure, weight, $model, $load FROM scored"""

LIVING = """SELECT observation_id, is_sufficient, document IS NOT NULL OR iin IS NOT NULL AS has_paper
FROM live LEFT JOIN linkage.observed USING (observation_id) ORDER BY observation_id"""

# Given names that have nothing in common are no conflict where one of them is the other side's surname: who wrote names
# in each other's place, and slipped or rendered one his own way, told of no second person. Twins and siblings share
# their surname, and so are not asked.
STRANGERS = f"""CREATE OR REPLACE TEMP TABLE stranger AS
SELECT left_id, right_id FROM asked JOIN linkage.observed AS a ON a.observation_id = left_id
JOIN linkage.observed AS b ON b.observation_id = right_id
WHERE conflict = 'given' AND (asked.surname < {NEAR} OR asked.surname = {OF_A_WOMAN})
  AND NOT (coalesce(asked.patronymic <= {FAR}, false) AND a.has_full_patronymic AND b.has_full_patronymic)"""

# Two that conflict in a field are one where a third fits both by so many bits and has the field as one of them has it:
# the other's is a slip. Two IINs are never bridged, nor papers in a row, which twins have.
BRIDGE = 15.0
CONFLICTS = f"""WITH either AS (
  SELECT left_id AS one, right_id AS other, birth, given, patronymic FROM firm
  UNION ALL SELECT right_id, left_id, birth, given, patronymic FROM firm
),
bridged AS (
  SELECT DISTINCT left_id, right_id FROM asked JOIN either AS a ON a.one = left_id
  JOIN either AS b ON b.one = right_id AND b.other = a.other
  WHERE CASE conflict WHEN 'birth' THEN {WHOLE_DATE} IN (a.birth, b.birth) AND coalesce(asked.patronymic > {FAR}, true)
    WHEN 'given' THEN greatest(a.given, b.given) >= {NEAR}
    WHEN 'patronymic' THEN greatest(a.patronymic, b.patronymic) >= {NEAR} END
)
SELECT left_id, right_id FROM asked ANTI JOIN bridged USING (left_id, right_id)
ANTI JOIN exchanged USING (left_id, right_id) WHERE conflict IS NOT NULL ORDER BY ALL"""
EVIDENCE = """
CREATE OR REPLACE TEMP TABLE judged_one AS
  SELECT observation_id, person_id FROM assigned
  SEMI JOIN (SELECT unnest([left_id, right_id]) AS observation_id FROM steward_pair) USING (observation_id);
CREATE OR REPLACE TEMP VIEW evidence_now AS
  SELECT left_id, right_id, CASE WHEN iin = 1 THEN 'iin' WHEN document = 4 THEN 'document' ELSE 'model' END AS evidence,
    weight
  FROM edge UNION ALL SELECT left_id, right_id, 'steward', NULL FROM steward_pair
  JOIN judged_one AS a ON a.observation_id = left_id JOIN judged_one AS b ON b.observation_id = right_id
  WHERE verdict = 'same' AND a.person_id = b.person_id;
CREATE OR REPLACE TEMP TABLE evidence_before AS
  SELECT l.rowid AS place, l.left_observation_id AS left_id, l.right_observation_id AS right_id, l.evidence, l.weight
  FROM linkage.link_evidence AS l SEMI JOIN reached ON observation_id = left_observation_id
  WHERE l.known_to_seq IS NULL;
UPDATE linkage.link_evidence SET known_to_seq = $load WHERE rowid IN (
  SELECT place FROM evidence_before AS l ANTI JOIN evidence_now AS e ON {same});
INSERT INTO linkage.link_evidence
  SELECT left_id, right_id, evidence, weight, $load, NULL FROM evidence_now AS e
  ANTI JOIN evidence_before AS l ON {same}
""".format(
    same="e.left_id = l.left_id AND e.right_id = l.right_id AND e.evidence = l.evidence"
    " AND e.weight IS NOT DISTINCT FROM l.weight"
)


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


@uncollected()
@memory.kept()
def link(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, key: str, model: Model) -> LinkCounts:
    """Links what a load brought.

    Reads `intermediate.observation`, `intermediate.source_record(_history)` and `staging.stg_steward_decisions`;
    writes `linkage.*` for `load_seq`, first what observations are by themselves, then all else in one transaction.
    Running it again for the same load gives the same rows. Where the model is another than that of the last load, all
    pairs are weighed anew. Statements take two threads in a night with a long history. Elsewhere they take one, but for
    those that pass over all that was ever linked: a second one makes the others dearer and hardly shorter. Parts of
    many pairs are compared side by side, each on a connection of its own.

    Args:
        connection: The build database.
        home: For the identity ledger.
        load_seq: The load.
        key: Secret of the person ids.
        model: The model of this load.
    """
    create_tables(connection)
    ((before, fresh),) = connection.execute(SIZES, {"load": load_seq}).fetchall()
    with on_threads(connection, HANDS if before >= LONG_HISTORY and fresh <= A_NIGHT else 1):
        return _link(connection, home, load_seq, key, model)


def _link(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, key: str, model: Model) -> LinkCounts:
    lay_out(connection, model)
    connection.begin()
    heal(connection, load_seq)
    connection.commit()
    _observe_fresh(connection)
    connection.begin()  # after what is observed is committed: else it has no statistics, and the engine joins by guess
    is_changed = _note_model(connection, load_seq, model)
    read_verdicts(connection, load_seq)
    seed(connection, load_seq, is_changed)
    capped = find_candidates(connection, load_seq, is_changed)
    candidates = read_pairs(connection, "candidate")
    weighed = weigh_by_parts(connection, model, candidates, model.review, hands=HANDS) if len(candidates) else ()
    for part in weighed:
        connection.register("scored", part)
        connection.execute(KEEP, {"model": model.version, "load": load_seq})
        connection.unregister("scored")
    observations = spread(connection, load_seq, model.accept, is_changed)
    edges = _cluster(connection, model)
    person_ids.recall(connection, home, load_seq)
    naming.name_persons(connection, load_seq, key)
    naming.turn(connection, load_seq, model.version)
    _keep_evidence(connection, load_seq)
    colour(connection, load_seq, model.accept)
    passage("link.commit")
    connection.commit()
    person_ids.write_ledger(connection, home, load_seq)
    return _counts(connection, load_seq, observations, len(candidates), capped, edges)


def _observe_fresh(connection: duckdb.DuckDBPyConnection) -> None:
    ((last,),) = connection.execute("SELECT coalesce(max(load_seq), -1) FROM linkage.model_used").fetchall()
    fresh = FRESH.format(last=last)
    if connection.execute(ANY.format(fresh=fresh)).fetchone() is None:
        return
    if connection.execute(OBSERVED_BEFORE.format(fresh=fresh)).fetchone():
        fresh = UNOBSERVED.format(fresh=fresh)
    observe(connection, fresh)


def _note_model(connection: duckdb.DuckDBPyConnection, load_seq: int, model: Model) -> bool:
    """Notes the model of the load; where the load before had another, what that one weighed goes, and this is told.

    The load before says it, not the pairs that are there: a killed run of this load has removed these.
    """
    ((before,),) = connection.execute("SELECT arg_max(model_version, load_seq) FROM linkage.model_used").fetchall()
    connection.execute("INSERT INTO linkage.model_used VALUES ($1, $2)", [load_seq, model.version])
    if before == model.version:
        return False
    connection.execute(KEEP_PAST.format(pairs="linkage.pair"), {"load": load_seq})
    connection.execute("DELETE FROM linkage.pair")
    return True


def _cluster(connection: duckdb.DuckDBPyConnection, model: Model) -> Edges:
    """Makes `membership(observation_id, cluster, is_person)`: one row per living observation reached.

    Beside it `edge`, one row per accepted pair within a person, and `edge_between`, one per accepted pair of two.
    """
    live = connection.execute(LIVING).to_arrow_table()
    ids = live["observation_id"].to_numpy()
    edges = Edges.read(connection, ids, model.accept)
    steward = "SELECT left_id, right_id FROM steward_pair WHERE verdict = '{}' ORDER BY ALL"
    same, different = (
        _inside(ids, connection.execute(steward.format(word)).fetchnumpy()) for word in ("same", "different")
    )
    accepted, weights = (edges.left, edges.right), edges.weight - model.accept
    has_paper = live["has_paper"].to_numpy(zero_copy_only=False).astype(bool)
    evidence = Evidence(len(ids), same, accepted, weights, edges.enough, edges.are_alike, has_paper)
    conflicts = _inside(ids, _find_conflicts(connection, model, ids, edges, evidence.components))
    labels = resolve(evidence, different, conflicts)
    names_someone = live["is_sufficient"].to_numpy(zero_copy_only=False).astype(bool)
    names_someone[np.concatenate(same)] = True
    is_person = np.zeros(len(ids), dtype=bool)
    is_person[labels[names_someone]] = True
    membership = {"observation_id": ids, "cluster": ids[labels], "is_person": is_person[labels]}
    _lay_down(connection, "membership", pa.table(membership))
    is_within = labels[edges.left] == labels[edges.right]
    are_persons = is_person[labels[edges.left]] & is_person[labels[edges.right]]
    _lay_down(connection, "edge", edges.where(is_within & are_persons))
    _lay_down(connection, "edge_between", edges.where(~is_within & are_persons))
    return edges


def _find_conflicts(
    connection: duckdb.DuckDBPyConnection, model: Model, ids: Ids, edges: Edges, components: Places
) -> dict[str, Ids]:
    """Pairs of a component that cannot be of one person, unless a third bridges them."""
    one, other = edges.unseen(components)
    if not len(one):
        return {"left_id": ids[one], "right_id": ids[other]}
    with laid_out(
        connection, "unseen", {"left_id": ids[one], "right_id": ids[other], "is_close": np.ones(len(one), dtype=bool)}
    ):
        score_pairs(connection, model, "unseen", "asked")
    connection.execute(STRANGERS)
    _lay_down(connection, "exchanged", crossed(connection, "stranger"))
    ends = connection.execute("SELECT unnest([left_id, right_id]) AS id FROM asked WHERE conflict IS NOT NULL")
    is_end = np.isin(ids, ends.fetchnumpy()["id"])
    is_firm = (edges.weight >= BRIDGE) & (is_end[edges.left] | is_end[edges.right])
    with laid_out(connection, "firm", edges.where(is_firm)):
        return dict(connection.execute(CONFLICTS).fetchnumpy())


def _inside(ids: Ids, found: dict[str, Ids]) -> Pairs:
    """Places of the pairs whose two ends are among the observations."""
    left, right = (places_of(ids, found[end].astype(np.uint64)) for end in ("left_id", "right_id"))
    inside = (left != NOWHERE) & (right != NOWHERE)
    return left[inside], right[inside]


def _lay_down(connection: duckdb.DuckDBPyConnection, table: str, columns: pa.Table) -> None:
    connection.register("given_columns", columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM given_columns")
    connection.unregister("given_columns")


def _keep_evidence(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    for statement in EVIDENCE.strip().split(";\n"):
        connection.execute(statement, {"load": load_seq} if "$load" in statement else {})


def _counts(
    connection: duckdb.DuckDBPyConnection, load_seq: int, observations: int, compared: int, capped: int, edges: Edges
) -> LinkCounts:
    created, merged, split = connection.execute(
        """SELECT count(*) FILTER (event = 'created'),
          count(*) FILTER (event = 'merged'), count(*) FILTER (event = 'split')
        FROM linkage.link_event WHERE load_seq = $1""",
        [load_seq],
    ).fetchall()[0]
    touched, yellow, red = connection.execute(
        """SELECT (SELECT count(*) FROM linkage.touched_person), count(*) FILTER (colour = 'yellow'),
          count(*) FILTER (colour = 'red') FROM linkage.identity_link WHERE known_to_seq IS NULL"""
    ).fetchall()[0]
    mean = float(np.mean(1 / (1 + np.exp2(-edges.weight)))) if len(edges.weight) else None
    return LinkCounts(
        observations, len(edges.weight), created, merged, split, touched, compared, capped, yellow, red, mean
    )
