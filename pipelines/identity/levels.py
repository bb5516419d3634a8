"""How two observations stand to each other: one level per compared field, a function of the pair alone.

Levels are numbers of the lists in `LEVELS`; NULL says that one side does not know. Names that came as one text, or
whose fields stand in each other's place, are compared whole, all parts with all parts.
"""

from __future__ import annotations

import duckdb

from pipelines.identity.names import LEVELS as NAME_LEVELS
from pipelines.identity.names import compare_values

LEVELS: dict[str, tuple[str, ...]] = {
    "surname": (*NAME_LEVELS, "former", "of_a_woman"),
    "given": NAME_LEVELS,
    "patronymic": NAME_LEVELS,
    "birth": (
        "different",
        "year",
        "slip",
        "turned",
        "filled",
        "within_year",
        "within_month",
        "same_year",
        "same_month",
        "same",
    ),
    "document": ("different", "digit", "row", "other_state", "same"),
    "iin": ("different", "same"),
    "sex": ("different", "same"),
    "origin": ("different", "birth_country", "citizenship_alone", "citizenship", "other_citizenship", "same"),
}
FAR, CLOSE, NEAR, ROOT, EXACT = (NAME_LEVELS.index(name) for name in ("far", "close", "near", "root", "exact"))
FORMER, OF_A_WOMAN = len(NAME_LEVELS), len(NAME_LEVELS) + 1
IN_A_ROW = 3

# 1 January is written where the year alone is known, and so says no more than it.
BIRTH = """CASE
  WHEN x.birth IS NULL OR y.birth IS NULL THEN NULL
  WHEN x.birth = y.birth THEN CASE WHEN length(x.birth) = 7 THEN 8
    WHEN length(x.birth) = 4 OR x.birth[5:] = '-01-01' THEN 7 ELSE 9 END
  WHEN starts_with(x.birth, y.birth) OR starts_with(y.birth, x.birth) THEN
    CASE WHEN least(length(x.birth), length(y.birth)) = 7 THEN 6 ELSE 5 END
  WHEN left(x.birth, 4) = left(y.birth, 4) AND (x.birth[5:] = '-01-01' OR y.birth[5:] = '-01-01') THEN 4
  WHEN length(x.birth) = 10 AND length(y.birth) = 10 AND left(x.birth, 4) = left(y.birth, 4)
    AND x.birth[6:7] = y.birth[9:10] AND x.birth[9:10] = y.birth[6:7] THEN 3
  WHEN length(x.birth) = 10 AND length(y.birth) = 10 AND (levenshtein(x.birth, y.birth) = 1
    OR left(x.birth, 7) = left(y.birth, 7) OR left(x.birth, 4) = left(y.birth, 4) AND x.birth[9:] = y.birth[9:]) THEN 2
  WHEN left(x.birth, 4) = left(y.birth, 4) THEN 1
  ELSE 0 END"""
DOCUMENT = f"""CASE
  WHEN x.document IS NULL OR y.document IS NULL THEN NULL
  WHEN x.document = y.document THEN CASE WHEN coalesce(x.state = y.state, true) THEN 4 ELSE 3 END
  WHEN x.state <> y.state THEN 0
  WHEN abs(x.series - y.series) BETWEEN 1 AND {IN_A_ROW} THEN 2
  WHEN length(x.document) = length(y.document) AND levenshtein(x.document, y.document) = 1 THEN 1
  ELSE 0 END"""

# Citizenship and country of birth go together, so that they are one field.
ORIGIN = """CASE
  WHEN x.citizenship IS NULL OR y.citizenship IS NULL THEN NULL
  WHEN x.citizenship = y.citizenship THEN CASE WHEN x.birth_country = y.birth_country THEN 5
    WHEN x.birth_country <> y.birth_country THEN 2 ELSE 3 END
  WHEN x.birth_country = y.birth_country THEN 1
  WHEN x.birth_country <> y.birth_country THEN 0
  ELSE 4 END"""


def _same(field: str) -> str:
    return f"(x.{field} = y.{field})::UTINYINT AS {field}"


# Both observations are looked up once: all fields but names are compared at the same time.
PAIRED = f"""CREATE OR REPLACE TEMP TABLE paired AS
SELECT left_id, right_id, is_close, x.surname AS s1, y.surname AS s2, x.given AS g1, y.given AS g2, x.patronymic AS p1,
  y.patronymic AS p2, x.former AS f1, y.former AS f2, x.is_one_text OR y.is_one_text AS is_one_text,
  x.sex = 'F' AND y.sex = 'F' AS are_women, ({BIRTH})::UTINYINT AS birth, ({DOCUMENT})::UTINYINT AS document,
  {_same("iin")}, {_same("sex")}, ({ORIGIN})::UTINYINT AS origin,
  x.has_full_given AND y.has_full_given AS has_full_given,
  x.has_full_patronymic AND y.has_full_patronymic AS has_full_patronymic
FROM {{pairs}} JOIN linkage.observed AS x ON x.observation_id = left_id
JOIN linkage.observed AS y ON y.observation_id = right_id"""
FIELDS = {"s": ("s1", "s2"), "g": ("g1", "g2"), "p": ("p1", "p2")}
CROSSED = (("f1", "s2"), ("s1", "f2"))

# Poor by field: all parts of both are looked at, but only where that may help.
STRUCTURED = f"""CREATE OR REPLACE TEMP TABLE {{into}} AS
WITH named AS (
  SELECT paired.*,
    CASE WHEN s1 = s2 THEN {EXACT} ELSE name_level(s.worst, s.missing) END AS surname,
    CASE WHEN g1 = g2 THEN {EXACT} ELSE name_level(g.worst, g.missing) END AS given,
    CASE WHEN p1 = p2 THEN {EXACT} ELSE name_level(p.worst, p.missing) END AS patronymic
  FROM paired {{joins}}
)
SELECT left_id, right_id,
  CASE WHEN surname <= {FAR} AND are_women THEN {OF_A_WOMAN} ELSE surname END::UTINYINT AS surname,
  given::UTINYINT AS given, patronymic::UTINYINT AS patronymic, birth, document, iin, sex, origin, has_full_given,
  has_full_patronymic, false AS is_exchanged, s1, s2, g1, g2, p1, p2, is_one_text,
  is_close AND ((coalesce(named.surname, 0) < {NEAR} AND coalesce(named.given, 0) < {NEAR})
    OR (is_one_text AND (coalesce(named.surname, 0) < {NEAR} OR coalesce(named.given, 0) < {NEAR}))) AS is_poor
FROM named"""
# Few have a former surname, so that these are looked at apart.
FORMERLY = f"""UPDATE {{into}} AS l SET surname = {FORMER} FROM (
  SELECT left_id, right_id FROM paired
  LEFT JOIN value_compared AS fs ON fs.x = least(f1, s2) AND fs.y = greatest(f1, s2)
  LEFT JOIN value_compared AS sf ON sf.x = least(s1, f2) AND sf.y = greatest(s1, f2)
  WHERE (f1 IS NOT NULL OR f2 IS NOT NULL) AND (f1 = s2 OR s1 = f2
    OR greatest(name_level(fs.worst, fs.missing), name_level(sf.worst, sf.missing)) >= {ROOT})
) AS former WHERE l.left_id = former.left_id AND l.right_id = former.right_id
  AND (coalesce(l.surname, 0) < {ROOT} OR l.surname = {OF_A_WOMAN})"""
WHOLE = (
    "CREATE OR REPLACE TEMP TABLE poor AS SELECT left_id, right_id FROM {into} WHERE is_poor",
    """CREATE OR REPLACE TEMP TABLE whole_part AS
    WITH one AS (SELECT left_id AS observation_id FROM poor UNION SELECT right_id FROM poor),
    field AS (
      SELECT observation_id, unnest([surname, given, patronymic]) AS value_id, unnest([0, 100, 200]) AS after
      FROM one JOIN linkage.observed USING (observation_id)
    ), part AS (
      SELECT observation_id AS value_id, variant, after + place AS place, part_id
      FROM field JOIN linkage.name_value_part USING (value_id)
    )
    SELECT value_id, variant, row_number() OVER (PARTITION BY value_id, variant ORDER BY place)::UTINYINT AS place,
      (count(*) OVER (PARTITION BY value_id, variant))::UTINYINT AS parts, part_id FROM part""",
    """CREATE OR REPLACE TEMP TABLE whole AS
    SELECT value_id, any_value(parts) AS parts, hash(string_agg(form, ' ' ORDER BY form)) AS forms,
      hash(least_turn(string_agg(form, '' ORDER BY place))) AS letters
    FROM whole_part JOIN linkage.name_part USING (part_id) WHERE variant = 0 GROUP BY value_id""",
    "CREATE OR REPLACE TEMP TABLE whole_pair AS SELECT left_id AS x, right_id AS y FROM poor",
)
REARRANGED = f"""CREATE OR REPLACE TEMP TABLE rearranged AS
SELECT x, y, name_level(worst, 0) AS level, missing = 0 AND a.parts > 2 AS has_all_parts
FROM whole_compared JOIN whole AS a ON a.value_id = x JOIN whole AS b ON b.value_id = y
WHERE worst >= {86} AND missing <= abs(a.parts::INTEGER - b.parts) AND least(a.parts, b.parts) > 1"""
PUT_RIGHT = """UPDATE {into} AS l SET surname = level, given = level, is_exchanged = NOT is_one_text,
  patronymic = CASE WHEN has_all_parts AND p1 IS NOT NULL AND p2 IS NOT NULL THEN level END
FROM rearranged WHERE left_id = x AND right_id = y"""


def compare_pairs(connection: duckdb.DuckDBPyConnection, pairs: str, into: str) -> None:
    """Makes a temporary table with one row per pair: the level of each field of `LEVELS`.

    Beside them `has_full_given` and `has_full_patronymic`, whether both sides are in scripts that write all sounds, and
    the values of the name fields for whoever weighs them (`s1` to `p2`).

    Args:
        connection: Where `linkage.observed` and the dictionary lie.
        pairs: Relation of distinct pairs `left_id`, `right_id`, and `is_close`, whether names that differ by field are
            worth a look at all parts in any order.
        into: Name of the table.
    """
    connection.execute(PAIRED.format(pairs=pairs))
    each = " UNION ".join(
        f"SELECT least({x}, {y}) AS x, greatest({x}, {y}) AS y FROM paired WHERE {x} <> {y}"
        for x, y in (*FIELDS.values(), *CROSSED)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE value_pair AS {each}")
    compare_values(connection, "linkage", "value_pair", "value_compared")
    joins = " ".join(
        f"LEFT JOIN value_compared AS {name} ON {name}.x = least({x}, {y}) AND {name}.y = greatest({x}, {y})"
        for name, (x, y) in FIELDS.items()
    )
    connection.execute(STRUCTURED.format(joins=joins, into=into))
    connection.execute(FORMERLY.format(into=into))
    for statement in WHOLE:
        connection.execute(statement.format(into=into))
    compare_values(connection, "linkage", "whole_pair", "whole_compared", "whole")
    connection.execute(REARRANGED)
    connection.execute(PUT_RIGHT.format(into=into))
    for table in ("paired", "value_pair", "value_compared", "poor", "whole_part", "whole", "whole_pair", "rearranged"):
        connection.execute(f"DROP TABLE {table}")
