"""What a pair weighs under a frozen model: a pure function of the pair and the model.

The weight is the prior plus the bits of each field's level. Names that share a root weigh more the rarer the root is.
Where the facts of a pair cannot all be of one person, the pair has a *conflict*, by name, and is never joined, directly
or through others, unless a steward says so:

- `iin`: two valid IINs.
- `birth`: birth dates that no slip explains, and no paper that says otherwise.
- `row`: documents in a row with other given names, as families get them.
- `given`: given names that have nothing in common, as of twins and siblings, or of a child in its parent's passport.
- `patronymic`: other fathers, as namesakes have them.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.identity.levels import CLOSE, EXACT, FAR, LEVELS, NEAR, OF_A_WOMAN, ROOT, compare_pairs
from pipelines.identity.model import ROLES, Model

# How far the rarity of a name may move a weight, in bits; a root that training did not see moves nothing.
RAREST, COMMONEST = 5.0, -6.0
# Names a slip apart: two names that many bear are mostly two names; one that training did not see is mostly a slip.
COMMON, TWO_NAMES, TWO_NEAR, SLIPPED, UNSEEN = -14.0, -4.0, -1.0, 3.0, -99.0
VALUES = {"surname": ("s1", "s2"), "given": ("g1", "g2"), "patronymic": ("p1", "p2")}

ROW, SAME_NUMBER, SLIP, COMPATIBLE, SAME_MONTH = 2, 4, 2, 5, 8
PAPERS = f"coalesce(iin, 0) = 1 OR (coalesce(document, 0) = {SAME_NUMBER} AND coalesce(birth, 0) >= {COMPATIBLE})"
CONFLICT = f"""CASE
  WHEN iin = 0 THEN 'iin'
  WHEN iin = 1 THEN NULL
  WHEN birth = 0 OR birth = 1 AND NOT (coalesce(document, 0) = {SAME_NUMBER} AND coalesce(surname, 0) >= {NEAR}
    AND coalesce(given, 0) >= {NEAR}) THEN 'birth'
  WHEN document = {ROW} AND given <= {NEAR} THEN 'row'
  WHEN given = 0 AND has_full_given AND NOT ({PAPERS}) THEN 'given'
  WHEN patronymic <= {FAR} AND has_full_patronymic
    AND NOT (({PAPERS}) AND coalesce(surname, 0) >= {ROOT} AND coalesce(given, 0) >= {ROOT}) THEN 'patronymic' END"""

SHARES = """CREATE OR REPLACE TEMP TABLE name_share AS
WITH needed AS (SELECT DISTINCT unnest([s1, s2]) AS value_id, 'surname' AS role FROM {leveled}
  WHERE surname BETWEEN {close} AND {exact}
  UNION SELECT DISTINCT unnest([g1, g2]), 'given' FROM {leveled} WHERE given >= {close}
  UNION SELECT DISTINCT unnest([p1, p2]), 'patronymic' FROM {leveled} WHERE patronymic >= {close})
SELECT value_id, role, sum(coalesce(log2_share, typical)) AS log2_share,
  CASE WHEN count(*) = 1 THEN coalesce(any_value(log2_share), {unseen}) END AS alone
FROM needed JOIN linkage.name_value_part USING (value_id) JOIN linkage.name_part USING (part_id)
JOIN model_role USING (role) LEFT JOIN model_frequency USING (role, root) WHERE variant = 0 GROUP BY ALL"""

# Not enough by itself, whatever it weighs: a given name that is unknown or may be a twin's where papers do not agree, a
# document number that nothing else supports, another sex where no given name says that it is a slip; without a common
# number, a date that is a slip, or a weak one beside names that are a slip themselves or stand in each other's place.
UNSURE = f"""coalesce(iin, 0) = 0 AND (
  (coalesce(given, 0) <= {FAR} AND NOT ({PAPERS}))
  OR (coalesce(birth, 0) < {SLIP} AND coalesce(surname, 0) < {NEAR} AND coalesce(given, 0) < {NEAR})
  OR (sex = 0 AND coalesce(given, 0) < {NEAR})
  OR (coalesce(document, 0) < {ROW} AND (birth = {SLIP}
    OR birth BETWEEN {SLIP} AND {SAME_MONTH} AND (is_exchanged OR least(surname, given, patronymic) < {NEAR}))))"""

# Namesakes mostly share citizenship and country of birth, and names tell these already. Where nothing but names and a
# date that only may be the same, or a woman's given name, says that two are one, a shared origin counts for nothing.
NAMESAKES = f"""coalesce(l.iin, 0) = 0 AND (
  (l.birth BETWEEN {SLIP} AND {SAME_MONTH} AND l.patronymic IS NULL AND coalesce(l.document, 0) < {ROW})
  OR (l.surname = {OF_A_WOMAN} AND coalesce(l.document, 0) < {SAME_NUMBER}))"""

SCORED = """CREATE OR REPLACE TEMP TABLE {into} AS
WITH weighed AS (SELECT l.*, {weights}, {conflict} AS conflict, coalesce({unsure}, false) AS is_unsure
  FROM {leveled} AS l {joins})
SELECT left_id, right_id, {levels}, {fields}, conflict, is_unsure, ({prior} + {total})::DOUBLE AS weight FROM weighed"""


def lay_out(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes the temporary tables `model_frequency` and `model_role` of a model."""
    keys = list(model.frequency)
    frequency = {
        "role": [role for role, _ in keys],
        "root": [root for _, root in keys],
        "log2_share": [model.frequency[key] for key in keys],
    }
    connection.register("given_frequency", pa.table(frequency))
    connection.execute("CREATE OR REPLACE TEMP TABLE model_frequency AS FROM given_frequency")
    connection.unregister("given_frequency")
    roles = ", ".join(f"('{role}', {model.likeness[role]})" for role in ROLES)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE model_role AS FROM (VALUES {roles}) AS r(role, typical)")


def score_pairs(connection: duckdb.DuckDBPyConnection, model: Model, pairs: str, into: str) -> None:
    """Makes a temporary table with one row per pair: level and bits of each field, conflict and weight.

    Args:
        connection: Where `linkage.observed` and the dictionary lie, and `lay_out` was called.
        model: The model.
        pairs: Relation of pairs, as `levels.compare_pairs` takes them.
        into: Name of the table.
    """
    compare_pairs(connection, pairs, "leveled")
    weigh(connection, model, "leveled", into)
    connection.execute("DROP TABLE leveled")


def weigh(connection: duckdb.DuckDBPyConnection, model: Model, leveled: str, into: str) -> None:
    """Weighs pairs whose levels are known, as `levels.compare_pairs` leaves them."""
    connection.execute(SHARES.format(leveled=leveled, close=CLOSE, exact=EXACT, unseen=UNSEEN))
    joins = " ".join(
        f"LEFT JOIN name_share AS {value} ON {value}.value_id = l.{value} AND {value}.role = '{role}'"
        for role, values in VALUES.items()
        for value in values
    )
    names = {field: f"{field}_bits" for field in LEVELS}
    connection.execute(
        SCORED.format(
            into=into,
            leveled=leveled,
            joins=joins,
            weights=", ".join(f"{_bits(model, field)} AS {name}" for field, name in names.items()),
            conflict=CONFLICT,
            unsure=UNSURE,
            levels=", ".join(LEVELS),
            fields=", ".join(names.values()),
            prior=model.prior,
            total=" + ".join(names.values()),
        )
    )
    connection.execute("DROP TABLE name_share")


def _bits(model: Model, field: str) -> str:
    """SQL of the bits of a field, with the rarity of the name that both share."""
    by_level = " ".join(f"WHEN {level} THEN {bits}" for level, bits in enumerate(model.weights(field)))
    bits = f"CASE l.{field} {by_level} ELSE 0 END"
    if field == "origin":
        return f"CASE WHEN {NAMESAKES} THEN least({bits}, 0) ELSE {bits} END"
    if field not in VALUES:
        return f"({bits})"
    one, other = VALUES[field]
    share, or_other = f"{one}.log2_share", f"{other}.log2_share"
    rarity = f"{model.likeness[field]} - greatest(coalesce({share}, {or_other}), coalesce({or_other}, {share}))"
    return f"""({bits} + CASE
      WHEN l.{field} BETWEEN {ROOT} AND {EXACT} THEN coalesce(least({RAREST}, greatest({COMMONEST}, {rarity})), 0)
      WHEN coalesce(l.{field}, 0) NOT IN ({CLOSE}, {NEAR}) THEN 0
      WHEN least({one}.alone, {other}.alone) = {UNSEEN} THEN {SLIPPED}
      WHEN {one}.alone >= {COMMON} AND {other}.alone >= {COMMON}
        THEN CASE l.{field} WHEN {CLOSE} THEN {TWO_NAMES} ELSE {TWO_NEAR} END
      ELSE 0 END)"""
