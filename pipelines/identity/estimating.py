"""How good the links of a load are, as far as that can be told without a truth, for `quality.linkage`.

Four things are told, each for what it is: what the model believes of the pairs that it joins, what stewards found in a
blind sample of them (`clerical`), how often stewards decide as it does, and how many pairs of one verified IIN it would
join if it did not see the IIN. Groups are
citizenship, sex and pair of scripts, and no other; those of few persons are pooled.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import duckdb
import pyarrow as pa

from pipelines.identity.clerical import clerical_precision
from pipelines.identity.levels import compare_pairs, read_pairs
from pipelines.identity.measuring import CONFIDENCE, FEWEST_PERSONS, most_error
from pipelines.identity.model import Model
from pipelines.identity.names import create_dictionary, create_macros
from pipelines.identity.numbering import laid_out
from pipelines.identity.reach import ACCEPTED, read_verdicts
from pipelines.identity.scoring import lay_out, weigh
from pipelines.identity.sides import UNKNOWN

HARD = "('iin', 'document', 'steward')"
MOST_PAIRS = 10_000
EACH_SIDE = (1 + CONFIDENCE) / 2
POOLED = "_R"

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("measure", "group_kind", "group_value")),
        *((name, pa.float64()) for name in ("value", "lower", "upper")),
        ("counted", pa.int64()),
        ("model_version", pa.string()),
    ]
)

# Codes that tell of protection are no groups of their own: refugees are unknown, stateless persons among the others.
OBSERVATIONS = """CREATE OR REPLACE TEMP TABLE quality_observation AS
WITH script AS (
  SELECT value_id, min(script) AS script FROM linkage.name_value_part JOIN linkage.name_part USING (part_id)
  WHERE variant = 0 GROUP BY value_id
)
SELECT observation_id, person_id, coalesce(script.script, '_U') AS script, coalesce(sex, '_U') AS sex,
  CASE WHEN citizenship IS NULL OR citizenship IN ('_U', 'XXB', 'XXC') THEN '_U' WHEN citizenship = 'XXA' THEN '_R'
    ELSE citizenship END AS citizenship
FROM linkage.observed JOIN linkage.person_observation USING (observation_id)
LEFT JOIN script ON script.value_id = coalesce(observed.surname, given) WHERE known_to_seq IS NULL"""
PAIRS = f"""CREATE OR REPLACE TEMP TABLE quality_pair AS
SELECT left_observation_id AS left_id, right_observation_id AS right_id,
  max(CASE WHEN evidence IN {HARD} THEN 1 ELSE 1 / (1 + pow(2, -weight)) END) AS probability
FROM linkage.link_evidence WHERE known_to_seq IS NULL GROUP BY ALL"""
WITH_SCRIPTS = """SELECT each.*, a.person_id,
  least(a.script, b.script) || ' ' || greatest(a.script, b.script) AS scripts
FROM {pairs} AS each JOIN quality_observation AS a ON a.observation_id = left_id
JOIN quality_observation AS b ON b.observation_id = right_id"""
# What a value is shown as: itself, the pool of the small, or not at all. Persons of a pair of scripts have such links.
SHOWN = f"""CREATE OR REPLACE TEMP TABLE quality_shown AS
WITH member AS (
  SELECT person_id, unnest(['all', 'citizenship', 'sex']) AS group_kind,
    unnest(['all', citizenship, sex]) AS group_value FROM quality_observation
  UNION ALL SELECT person_id, 'scripts', scripts FROM ({WITH_SCRIPTS.format(pairs="quality_pair")})
), size AS (
  SELECT group_kind, group_value, group_kind = 'all' OR count(DISTINCT person_id) >= $fewest AS is_large FROM member
  GROUP BY group_kind, group_value
), pooled AS (SELECT group_kind, group_value, CASE WHEN is_large THEN group_value ELSE $pooled END AS shown FROM size)
SELECT group_kind, shown, list(DISTINCT group_value) AS group_values, count(DISTINCT person_id) AS persons
FROM member JOIN pooled USING (group_kind, group_value) GROUP BY group_kind, shown
HAVING group_kind = 'all' OR count(DISTINCT person_id) >= $fewest"""
GROUPS = """CREATE OR REPLACE TEMP TABLE quality_group AS
SELECT observation_id, person_id, group_kind, shown AS group_value FROM (
  SELECT observation_id, person_id, unnest(['all', 'citizenship', 'sex']) AS group_kind,
    unnest(['all', citizenship, sex]) AS group_value FROM quality_observation
) JOIN (SELECT group_kind, shown, unnest(group_values) AS group_value FROM quality_shown)
  USING (group_kind, group_value)"""
# A pair is in the groups of both of its ends, once in each.
IN_GROUPS = f"""SELECT DISTINCT ends.* EXCLUDE (observation_id), group_kind, group_value FROM (
  SELECT *, left_id AS observation_id FROM {{pairs}} UNION ALL SELECT *, right_id FROM {{pairs}}
) AS ends JOIN quality_group USING (observation_id)
UNION ALL
SELECT * EXCLUDE (person_id, scripts, group_values, persons) RENAME (shown AS group_value)
FROM ({WITH_SCRIPTS}) JOIN quality_shown ON group_kind = 'scripts' AND list_contains(group_values, scripts)"""

COUNTS = """SELECT 'observations', group_kind, group_value, count(*) FROM quality_group GROUP BY ALL
UNION ALL SELECT 'persons', group_kind, shown, persons FROM quality_shown
UNION ALL
SELECT colour, group_kind, group_value, count(*) FROM (
  SELECT DISTINCT left_person_id, right_person_id, colour, group_kind, group_value FROM (
    SELECT *, unnest([left_person_id, right_person_id]) AS person_id FROM linkage.identity_link
    WHERE known_to_seq IS NULL AND colour IN ('yellow', 'red')
  ) JOIN (SELECT DISTINCT person_id, group_kind, group_value FROM quality_group) USING (person_id)
) GROUP BY ALL"""
PRECISION = f"""SELECT group_kind, group_value, count(*), avg(probability), sum(probability * (1 - probability))
FROM ({IN_GROUPS.format(pairs="quality_pair")}) GROUP BY ALL"""
JUDGED = f"""CREATE OR REPLACE TEMP TABLE quality_judged AS
SELECT left_id, right_id, (verdict = 'same') = coalesce({ACCEPTED}, false) AS is_alike
FROM steward_pair LEFT JOIN linkage.pair ON left_observation_id = left_id AND right_observation_id = right_id"""
KNOWN = """CREATE OR REPLACE TEMP TABLE quality_known AS
SELECT a.observation_id AS left_id, b.observation_id AS right_id
FROM linkage.observed AS a SEMI JOIN quality_observation USING (observation_id)
JOIN (FROM linkage.observed SEMI JOIN quality_observation USING (observation_id)) AS b ON b.iin = a.iin
WHERE a.observation_id < b.observation_id ORDER BY hash(left_id, right_id), left_id, right_id LIMIT $most"""
# Found without the IIN: by another key that the two share, and heavy enough without it.
FOUND = f"""CREATE OR REPLACE TEMP TABLE quality_found AS
SELECT left_id, right_id, {ACCEPTED} AND EXISTS (
  FROM linkage.key AS a JOIN linkage.key AS b ON b.kind = a.kind AND b.key = a.key
  WHERE a.observation_id = left_id AND b.observation_id = right_id AND a.kind <> 'iin'
    AND (a.kind, a.key) NOT IN (SELECT (kind, key) FROM linkage.capped_block)) AS is_alike
FROM quality_weighed"""
# By the observation: what a record says of a person does not change where a steward links it.
INSUFFICIENT = """INSERT INTO linkage_quality_rows
SELECT 'records_identity_insufficient', 'all', 'all', count(*), NULL, NULL, count(*), $version
FROM intermediate.source_record_history SEMI JOIN (FROM intermediate.observation WHERE NOT is_sufficient)
  USING (observation_id) WHERE known_to_seq IS NULL"""
SHARE = """SELECT group_kind, group_value, count(*), count(*) FILTER (is_alike) FROM ({pairs}) GROUP BY ALL"""

Line = tuple[str, str, str, float | None, float | None, float | None, int, str]


def estimate(connection: duckdb.DuckDBPyConnection, load_seq: int, model: Model, fewest: int = FEWEST_PERSONS) -> None:
    """Makes the temporary table `linkage_quality_rows`: one row per measure and group, of the load at hand.

    Args:
        connection: The build database, linked.
        load_seq: The load.
        model: Its model.
        fewest: Groups of fewer persons are pooled; a pool of fewer is left out.
    """
    connection.execute(OBSERVATIONS)
    connection.execute(PAIRS)
    connection.execute(SHOWN, {"fewest": fewest, "pooled": POOLED})
    connection.execute(GROUPS)
    read_verdicts(connection, load_seq)
    connection.execute(JUDGED.format(accept=model.accept))
    _find_without_iin(connection, model)
    lines: list[Line] = [
        (measure, kind, value, float(number), None, None, number, model.version)
        for measure, kind, value, number in connection.execute(COUNTS).fetchall()
    ]
    groups = connection.execute("SELECT group_kind, shown FROM quality_shown").fetchall()
    lines += _precision(connection, groups, model.version)
    lines.append(("clerical_precision", "all", "all", *clerical_precision(connection, model.version), model.version))
    lines += _shares(connection, "steward_agreement", "quality_judged", groups, model.version)
    lines += _shares(connection, "recall_without_iin", "quality_found", groups, model.version)
    columns = zip(*sorted(lines, key=lambda line: line[:3]), strict=True)
    laid = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)] if lines else None
    connection.register("laid_out", pa.table(laid, SCHEMA) if laid else SCHEMA.empty_table())
    connection.execute("CREATE OR REPLACE TEMP TABLE linkage_quality_rows AS FROM laid_out")
    connection.unregister("laid_out")


def count_insufficient(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Adds to `linkage_quality_rows` how many records name somebody and do not say enough to tell who it is."""
    connection.execute(INSUFFICIENT, {"version": model.version})


def _find_without_iin(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes `quality_found`: pairs of one verified IIN, drawn by a hash where there are many, weighed without it."""
    create_dictionary(connection, "linkage")
    create_macros(connection)
    lay_out(connection, model)
    connection.execute(KNOWN, {"most": MOST_PAIRS})
    compared = compare_pairs(connection, read_pairs(connection, "(SELECT *, true AS is_close FROM quality_known)"))
    compared.levels["iin"][:] = UNKNOWN
    with laid_out(connection, "quality_weighed", weigh(connection, model, compared)):
        connection.execute(FOUND.format(accept=model.accept))


def _precision(connection: duckdb.DuckDBPyConnection, groups: list[tuple[str, str]], version: str) -> list[Line]:
    """Accepted pairs and how many of them the model believes right; bounds are of its belief, pairs taken as apart."""
    found = {(kind, value): rest for kind, value, *rest in connection.execute(PRECISION).fetchall()}
    lines: list[Line] = []
    for kind, value in groups:
        pairs, mean, spread = found.get((kind, value), (0, None, 0.0))
        lines.append(("accepted_pairs", kind, value, float(pairs), None, None, pairs, version))
        margin = NormalDist().inv_cdf(EACH_SIDE) * sqrt(spread) / pairs if pairs else 0.0
        lower, upper = (None, None) if mean is None else (max(0.0, mean - margin), min(1.0, mean + margin))
        lines.append(("precision", kind, value, mean, lower, upper, pairs, version))
    return lines


def _shares(
    connection: duckdb.DuckDBPyConnection, measure: str, pairs: str, groups: list[tuple[str, str]], version: str
) -> list[Line]:
    """A share of pairs with its exact binomial bounds; empty where no pair tells of it."""
    query = SHARE.format(pairs=IN_GROUPS.format(pairs=pairs))
    found = {(kind, value): rest for kind, value, *rest in connection.execute(query).fetchall()}
    lines: list[Line] = []
    for kind, value in groups:
        number, alike = found.get((kind, value), (0, 0))
        share, lower, upper = (
            (alike / number, 1 - most_error(number, number - alike, EACH_SIDE), most_error(number, alike, EACH_SIDE))
            if number
            else (None, None, None)
        )
        lines.append((measure, kind, value, share, lower, upper, number, version))
    return lines
