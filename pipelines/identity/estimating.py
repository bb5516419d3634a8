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
# The accepted pairs of a person, those together whose ends are in the same groups. Sums are of decimals: of these it is
# the same in which order they are added.
SUMS = """count(*) AS pairs, sum(CAST(share AS DECIMAL(18, 12))) AS total,
  sum(CAST(share * (1 - share) AS DECIMAL(18, 12))) AS spread"""
ENDS = """a.citizenship AS one_citizenship, b.citizenship AS other_citizenship, a.sex AS one_sex, b.sex AS other_sex,
  if(a.script IS NULL OR b.script IS NULL, NULL,
    least(a.script, b.script) || ' ' || greatest(a.script, b.script)) AS scripts
FROM {pairs} LEFT JOIN quality_observation AS a ON a.observation_id = left_id
LEFT JOIN quality_observation AS b ON b.observation_id = right_id"""
TIES = f"""CREATE OR REPLACE TEMP TABLE quality_tie AS
WITH pair AS (
  SELECT left_observation_id AS left_id, right_observation_id AS right_id,
    max(CASE WHEN evidence IN {HARD} THEN 1 ELSE 1 / (1 + pow(2, -weight)) END) AS share
  FROM linkage.link_evidence WHERE known_to_seq IS NULL GROUP BY ALL
)
SELECT a.person_id, {SUMS}, {ENDS.format(pairs="pair")} GROUP BY ALL"""
PERSONS = """CREATE OR REPLACE TEMP TABLE quality_person AS
SELECT DISTINCT person_id, citizenship, sex FROM quality_observation WHERE person_id IS NOT NULL"""
# What a value is shown as: itself, the pool of the small, or not at all. Persons of a pair of scripts have such links.
SHOWN = """CREATE OR REPLACE TEMP TABLE quality_shown AS
WITH member AS (
  SELECT DISTINCT person_id, 'all' AS group_kind, 'all' AS group_value FROM quality_person
  UNION ALL SELECT DISTINCT person_id, 'citizenship', citizenship FROM quality_person
  UNION ALL SELECT DISTINCT person_id, 'sex', sex FROM quality_person
  UNION ALL SELECT DISTINCT person_id, 'scripts', scripts FROM quality_tie
  WHERE scripts IS NOT NULL AND person_id IS NOT NULL
), size AS (
  SELECT group_kind, group_value, count(*) AS persons,
    group_kind = 'all' OR (count(*) >= $fewest AND group_value <> $pooled) AS is_large FROM member
  GROUP BY group_kind, group_value
), pool AS (
  SELECT group_kind, count(DISTINCT person_id) AS persons FROM member JOIN size USING (group_kind, group_value)
  WHERE NOT is_large GROUP BY group_kind HAVING count(DISTINCT person_id) >= $fewest
)
SELECT group_kind, group_value, group_value AS shown, persons FROM size WHERE is_large
UNION ALL SELECT group_kind, group_value, $pooled, pool.persons FROM size JOIN pool USING (group_kind)
WHERE NOT is_large"""
# A pair is in the groups of both of its ends, once in each.
BY_GROUP = """WITH numbered AS (SELECT *, row_number() OVER () AS number FROM ({cells})), in_group AS (
  SELECT DISTINCT number, pairs, total, spread, group_kind, shown FROM (
    SELECT *, unnest(['all', 'citizenship', 'citizenship', 'sex', 'sex', 'scripts']) AS group_kind, unnest([
      if(coalesce(one_sex, other_sex) IS NULL, NULL, 'all'), one_citizenship, other_citizenship, one_sex, other_sex,
      scripts
    ]) AS group_value FROM numbered
  ) JOIN quality_shown USING (group_kind, group_value)
)
SELECT group_kind, shown, CAST(sum(pairs) AS BIGINT), CAST(sum(total) AS DOUBLE), CAST(sum(spread) AS DOUBLE)
FROM in_group GROUP BY ALL"""
OF_PERSONS = """SELECT * EXCLUDE (person_id, pairs, total, spread),
  sum(pairs) AS pairs, sum(total) AS total, sum(spread) AS spread FROM quality_tie GROUP BY ALL"""
OF_PAIRS = f"SELECT {SUMS}, {ENDS} GROUP BY ALL"

COUNTS = """WITH described AS (
  SELECT *, unnest(['all', 'citizenship', 'sex']) AS group_kind, unnest(['all', citizenship, sex]) AS group_value
  FROM (SELECT citizenship, sex, count(*) AS observations FROM quality_observation GROUP BY ALL)
), doubtful AS (
  SELECT *, unnest([left_person_id, right_person_id]) AS person_id FROM linkage.identity_link
  WHERE known_to_seq IS NULL AND colour IN ('yellow', 'red')
), seen AS (
  SELECT left_person_id, right_person_id, colour, unnest(['all', 'citizenship', 'sex']) AS group_kind,
    unnest(['all', citizenship, sex]) AS group_value FROM doubtful JOIN quality_person USING (person_id)
)
SELECT 'observations', group_kind, shown, CAST(sum(observations) AS BIGINT)
FROM described JOIN quality_shown USING (group_kind, group_value) GROUP BY ALL
UNION ALL SELECT DISTINCT 'persons', group_kind, shown, persons FROM quality_shown
UNION ALL SELECT colour, group_kind, shown, count(DISTINCT (left_person_id, right_person_id))
FROM seen JOIN quality_shown USING (group_kind, group_value) GROUP BY ALL"""
JUDGED = f"""CREATE OR REPLACE TEMP TABLE quality_judged AS
SELECT left_id, right_id, CAST((verdict = 'same') = coalesce({ACCEPTED}, false) AS INTEGER) AS share
FROM steward_pair LEFT JOIN linkage.pair ON left_observation_id = left_id AND right_observation_id = right_id"""
KNOWN = """CREATE OR REPLACE TEMP TABLE quality_known AS
SELECT a.observation_id AS left_id, b.observation_id AS right_id
FROM linkage.observed AS a SEMI JOIN quality_observation USING (observation_id)
JOIN (FROM linkage.observed SEMI JOIN quality_observation USING (observation_id)) AS b ON b.iin = a.iin
WHERE a.observation_id < b.observation_id ORDER BY hash(left_id, right_id), left_id, right_id LIMIT $most"""
# Found without the IIN: by another key that the two share, and heavy enough without it.
FOUND = f"""CREATE OR REPLACE TEMP TABLE quality_found AS
WITH held AS (
  SELECT observation_id, kind, key FROM linkage.key ANTI JOIN linkage.capped_block USING (kind, key)
  WHERE kind <> 'iin' AND observation_id IN (SELECT unnest([left_id, right_id]) FROM quality_weighed)
), met AS (
  SELECT left_id, right_id FROM quality_weighed JOIN held AS a ON a.observation_id = left_id
  JOIN held AS b ON b.observation_id = right_id AND b.kind = a.kind AND b.key = a.key
)
SELECT left_id, right_id, CAST({ACCEPTED} AND EXISTS (
  FROM met WHERE met.left_id = weighed.left_id AND met.right_id = weighed.right_id) AS INTEGER) AS share
FROM quality_weighed AS weighed"""
# By the observation: what a record says of a person does not change where a steward links it.
INSUFFICIENT = """INSERT INTO linkage_quality_rows
SELECT 'records_identity_insufficient', 'all', 'all', count(*), NULL, NULL, count(*), $version
FROM intermediate.source_record_history SEMI JOIN (FROM intermediate.observation WHERE NOT is_sufficient)
  USING (observation_id) WHERE known_to_seq IS NULL"""
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
    connection.execute(TIES)
    connection.execute(PERSONS)
    connection.execute(SHOWN, {"fewest": fewest, "pooled": POOLED})
    read_verdicts(connection, load_seq)
    connection.execute(JUDGED.format(accept=model.accept))
    _find_without_iin(connection, model)
    lines: list[Line] = [
        (measure, kind, value, float(number), None, None, number, model.version)
        for measure, kind, value, number in connection.execute(COUNTS).fetchall()
    ]
    groups = connection.execute("SELECT DISTINCT group_kind, shown FROM quality_shown").fetchall()
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
    found = _by_group(connection, OF_PERSONS)
    lines: list[Line] = []
    for kind, value in groups:
        pairs, total, spread = found.get((kind, value), (0, 0.0, 0.0))
        mean = total / pairs if pairs else None
        lines.append(("accepted_pairs", kind, value, float(pairs), None, None, pairs, version))
        margin = NormalDist().inv_cdf(EACH_SIDE) * sqrt(spread) / pairs if pairs else 0.0
        lower, upper = (None, None) if mean is None else (max(0.0, mean - margin), min(1.0, mean + margin))
        lines.append(("precision", kind, value, mean, lower, upper, pairs, version))
    return lines


def _by_group(connection: duckdb.DuckDBPyConnection, cells: str) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Pairs of each group, the sum of what is told of each, and that of its variance."""
    rows = connection.execute(BY_GROUP.format(cells=cells)).fetchall()
    return {(kind, value): (pairs, total, spread) for kind, value, pairs, total, spread in rows}


def _shares(
    connection: duckdb.DuckDBPyConnection, measure: str, pairs: str, groups: list[tuple[str, str]], version: str
) -> list[Line]:
    """A share of pairs with its exact binomial bounds; empty where no pair tells of it."""
    found = _by_group(connection, OF_PAIRS.format(pairs=pairs))
    lines: list[Line] = []
    for kind, value in groups:
        number, total, _ = found.get((kind, value), (0, 0.0, 0.0))
        alike = round(total)
        share, lower, upper = (
            (alike / number, 1 - most_error(number, number - alike, EACH_SIDE), most_error(number, alike, EACH_SIDE))
            if number
            else (None, None, None)
        )
        lines.append((measure, kind, value, share, lower, upper, number, version))
    return lines
