"""Comparing name values set by set: distinct pairs of parts once, exact keys first, string distances last.

Every figure is symmetric and depends on the two texts alone. Two parts score 0 to 100; two values have the worst and
the mean score of the best partners of the shorter one's parts, and how many parts are missing.
"""

from __future__ import annotations

import duckdb

FEW, MANY = 0.77, 0.7
EXACT, READING, UNWRITTEN, ROOT, SOUND, BONES, NEAR, INITIAL, CLOSE, FAR = 100, 97, 94, 91, 86, 80, 65, 50, 39, 30
LEVELS = ("different", "far", "close", "near", "partial", "root", "reading", "exact")

LEVEL_OF = f"""CREATE OR REPLACE TEMP MACRO name_level(worst, missing) AS (CASE
  WHEN worst IS NULL THEN NULL
  WHEN missing > 0 THEN CASE WHEN worst >= {ROOT} THEN 4 WHEN worst >= {NEAR} THEN 2 ELSE 0 END
  WHEN worst >= {EXACT} THEN 7
  WHEN worst >= {UNWRITTEN} THEN 6
  WHEN worst >= {ROOT} THEN 5
  WHEN worst >= {NEAR} THEN 3
  WHEN worst = {INITIAL} THEN 4
  WHEN worst >= {CLOSE} THEN 2
  WHEN worst >= {FAR} THEN 1
  ELSE 0 END)::UTINYINT"""


def _distance(p: str, q: str) -> str:
    """Share of letters that stay, from `NEAR` on where few change and below `INITIAL` where many do.

    Swapped letters are one change, which is dear to find out; letters changed one by one are cheap to count and settle
    most parts.
    """
    longest = f"greatest(length({p}), length({q}))"
    stay = f"(1 - damerau_levenshtein({p}, {q}) / {longest})"
    return f"""CASE WHEN levenshtein({p}, {q}) > {MANY} * {longest} THEN 60 * (1 - levenshtein({p}, {q}) / {longest})
      WHEN {stay} >= {FEW} THEN {SOUND - 1} * {stay} ELSE 60 * {stay} END"""


_CONTAINED = """list_bool_or(list_transform(p.roots, lambda x: list_bool_or(list_transform(q.roots,
  lambda y: levenshtein(x, y) = abs(length(x) - length(y))))))"""

SIDES = """CREATE OR REPLACE TEMP TABLE name_side AS
SELECT x, y, a.variant AS x_variant, b.variant AS y_variant, a.parts AS x_parts, b.parts AS y_parts,
  a.place AS x_place, b.place AS y_place, a.part_id AS x_part, b.part_id AS y_part
FROM {pairs} JOIN {value_part} AS a ON a.value_id = x JOIN {value_part} AS b ON b.value_id = y"""

NEEDED = """CREATE OR REPLACE TEMP TABLE name_needed AS
SELECT DISTINCT least(x_part, y_part) AS p_id, greatest(x_part, y_part) AS q_id FROM name_side WHERE x_part <> y_part"""

# The engine would join readings with readings first where it does not know how many there are.
SHARED = """CREATE OR REPLACE TEMP TABLE name_shared AS
WITH read AS MATERIALIZED (
  SELECT p_id, q_id, kind, reading FROM name_needed JOIN {schema}.name_reading ON part_id = p_id
)
SELECT p_id, q_id, bool_or(a.kind = 'form') AS has_form, bool_or(a.kind = 'root') AS has_root,
  bool_or(a.kind = 'bone') AS has_bone, bool_or(a.kind = 'sound') AS has_sound,
  bool_or(a.kind = 'skeleton') AS has_skeleton
FROM read AS a JOIN {schema}.name_reading AS b ON b.part_id = q_id AND b.kind = a.kind AND b.reading = a.reading
GROUP BY ALL"""

# Parts that share a reading share a root. Where a script leaves short vowels out, the long ones that it writes must be
# there in the other, too: Mahmud is not Muhammad.
SCORED = f"""CREATE OR REPLACE TEMP TABLE name_scored AS
SELECT p_id, q_id, (CASE
  WHEN p.form = q.form THEN {EXACT}
  WHEN s.has_form AND s.has_root THEN {READING}
  WHEN s.has_root THEN {ROOT}
  WHEN length(p.form) = 1 OR length(q.form) = 1 THEN CASE WHEN p.form[1] = q.form[1] THEN {INITIAL} ELSE 0 END
  WHEN NOT (p.is_full AND q.is_full) THEN CASE
    WHEN s.has_bone THEN
      CASE WHEN {_CONTAINED} THEN {UNWRITTEN} WHEN least(length(p.bone), length(q.bone)) > 1 THEN {NEAR + 10} ELSE 0 END
    WHEN s.has_skeleton AND least(length(p.skeleton), length(q.skeleton)) > 2 THEN {NEAR + 5}
    ELSE coalesce({_distance("p.bone", "q.bone")}, 0) END
  WHEN s.has_sound THEN {SOUND}
  WHEN s.has_bone AND least(length(p.bone), length(q.bone)) > 2 THEN {BONES}
  WHEN (p.is_rendering OR q.is_rendering) AND s.has_skeleton AND least(length(p.skeleton), length(q.skeleton)) > 2
    THEN {NEAR + 5}
  WHEN abs(length(p.form) - length(q.form)) > 4 THEN 0
  WHEN p.root = p.form AND q.root = q.form THEN {_distance("p.form", "q.form")}
  ELSE greatest({_distance("p.root", "q.root")}, {_distance("p.form", "q.form")}) END)::UTINYINT AS score
FROM name_needed JOIN {{schema}}.name_part AS p ON p.part_id = p_id JOIN {{schema}}.name_part AS q ON q.part_id = q_id
LEFT JOIN name_shared AS s USING (p_id, q_id)"""

_SAME_FORMS = "any_value(a.forms = b.forms AND a.parts > 1)"
_SAME_LETTERS = "any_value(a.letters = b.letters AND a.parts <> b.parts)"
# Most values have one part on both sides, and the score of these is theirs. Else parts that are each other's best are
# partners; what is left of the shorter value has the best of what is left. The same forms in another order are exact,
# the same letters with parts merged or divided a reading.
COMPARED = f"""CREATE OR REPLACE TEMP TABLE {{into}} AS
WITH side AS MATERIALIZED (
  SELECT x, y, x_variant, y_variant, least(x_parts, y_parts)::INTEGER AS fewer,
    greatest(x_parts, y_parts)::INTEGER AS more,
    CASE WHEN x_parts <= y_parts THEN x_place ELSE y_place END AS place,
    CASE WHEN x_parts <= y_parts THEN y_place ELSE x_place END AS partner,
    CASE WHEN x_part = y_part THEN {EXACT} ELSE score END::INTEGER AS score
  FROM name_side
  LEFT JOIN name_scored ON p_id = least(x_part, y_part) AND q_id = greatest(x_part, y_part)
), many AS (SELECT DISTINCT x, y FROM side WHERE more > 1),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY x, y, x_variant, y_variant, place ORDER BY score DESC, partner) = 1
      AND row_number() OVER (PARTITION BY x, y, x_variant, y_variant, partner ORDER BY score DESC, place) = 1 AS is_best
  FROM side WHERE more > 1
), left_over AS (
  SELECT *, bool_or(is_best) OVER (PARTITION BY x, y, x_variant, y_variant, place)
      OR bool_or(is_best) OVER (PARTITION BY x, y, x_variant, y_variant, partner) AS is_taken FROM ranked
), best AS (
  SELECT x, y, x_variant, y_variant, fewer, more, place,
    max(CASE WHEN is_taken AND NOT is_best THEN 0 ELSE score END) AS score FROM left_over GROUP BY ALL
), matched AS (
  SELECT x, y, min(score) AS worst, avg(score) AS mean, more - fewer AS missing FROM best
  GROUP BY x, y, x_variant, y_variant, fewer, more
  UNION ALL SELECT x, y, score, score, 0 FROM side SEMI JOIN many USING (x, y) WHERE more = 1
)
SELECT x, y,
  CASE WHEN {_SAME_FORMS} THEN {EXACT} WHEN {_SAME_LETTERS} THEN {READING} ELSE max(worst) END AS worst,
  CASE WHEN {_SAME_FORMS} THEN {EXACT} WHEN {_SAME_LETTERS} THEN {READING}
    ELSE arg_max(mean, (worst, mean)) END AS mean,
  CASE WHEN {_SAME_FORMS} OR {_SAME_LETTERS} THEN 0 ELSE arg_min(missing, (-worst, missing)) END AS missing
FROM matched JOIN {{value}} AS a ON a.value_id = x JOIN {{value}} AS b ON b.value_id = y GROUP BY x, y
UNION ALL
SELECT x, y, max(score), max(score), 0 FROM side ANTI JOIN many USING (x, y) GROUP BY x, y"""


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macro `name_level(worst, missing)`: a number of `LEVELS`, NULL where a name is not there.

    `near` is a slip or two; `close` keeps two letters of three, `far` half of them; of a `partial` name parts are
    missing or initials.
    """
    connection.execute(LEVEL_OF)


def compare_values(
    connection: duckdb.DuckDBPyConnection, schema: str, pairs: str, into: str, values: str | None = None
) -> None:
    """Makes a temporary table `into(x, y, worst, mean, missing)`: one row per pair of values.

    Args:
        connection: Where the dictionary lies.
        schema: Schema of the dictionary.
        pairs: Relation of distinct pairs `x`, `y` of value ids, `x` before `y`.
        into: Name of the table.
        values: Prefix of other tables of values, where the values are not of the dictionary.
    """
    value = values or f"{schema}.name_value"
    words = {"schema": schema, "pairs": pairs, "value": value, "value_part": f"{value}_part", "into": into}
    for statement in (SIDES, NEEDED, SHARED, SCORED, COMPARED):
        connection.execute(statement.format(**words))
    for table in ("name_side", "name_needed", "name_shared", "name_scored"):
        connection.execute(f"DROP TABLE {table}")
