"""SQL macros that compare two names, part by part.

Exact bounds stand first and string distances last, so that they are computed only where nothing cheaper decides.
A part is a struct of `dictionary.PART`; a name is a list of parts in any order. All macros are symmetric.
"""

from __future__ import annotations

from itertools import permutations

import duckdb

MOST_PARTS = 4
FEW = 0.77
EXACT, READING, UNWRITTEN, ROOT, SOUND, NEAR, INITIAL = 100, 97, 94, 91, 86, 65, 50
LEVELS = ("different", "partial", "near", "root", "reading", "exact")


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros in a connection.

    - `part_score(p, q)`: how alike two parts are, 0 to 100; its bands are the levels of a part.
    - `name_match(a, b)`: STRUCT(`worst`, `mean`, `missing`) of the best one-to-one matching of the shorter list's
      parts to the longer one's; NULL where one of the names has no part.
    - `name_level(a, b, same_letters)`: 5 exact, 4 shared reading, 3 same root, 2 near, 1 parts missing or initials,
      0 different, as in `LEVELS`; NULL where one of the names has no part. `same_letters` says that the whole names
      have the same letters, so that parts are merged or divided otherwise.
    - `name_score(a, b, same_letters)`: 0 to 100, for where one number must do.
    """
    for statement in (PART_SCORE, NAME_MATCH, NAME_LEVEL, NAME_SCORE):
        connection.execute(statement)


def _distance(p: str, q: str) -> str:
    """Share of letters that stay, from `NEAR` on where few change and far below where many do."""
    share = f"(1 - damerau_levenshtein({p}, {q}) / greatest(length({p}), length({q})))"
    return f"CASE WHEN {share} >= {FEW} THEN {SOUND - 1} * {share} ELSE {INITIAL - 5} * {share} END"


PART_SCORE = f"""CREATE OR REPLACE TEMP MACRO part_score(p, q) AS (CASE
  WHEN p.form = q.form THEN {EXACT}
  WHEN list_has_any(p.forms, q.forms) THEN {READING}
  WHEN NOT (p.is_full AND q.is_full) AND list_has_any(p.bones, q.bones) THEN {UNWRITTEN}
  WHEN list_has_any(p.roots, q.roots) THEN {ROOT}
  WHEN length(p.form) = 1 OR length(q.form) = 1 THEN CASE WHEN p.form[1] = q.form[1] THEN {INITIAL} ELSE 0 END
  WHEN p.sound = q.sound THEN {SOUND}
  WHEN NOT (p.is_full AND q.is_full) AND p.skeleton = q.skeleton AND length(p.skeleton) > 2 THEN {NEAR + 5}
  WHEN NOT (p.is_full AND q.is_full) THEN coalesce({_distance("p.bones[1]", "q.bones[1]")}, 0)
  WHEN abs(length(p.root) - length(q.root)) > 3 THEN 0
  ELSE {_distance("p.root", "q.root")} END)::UTINYINT"""

# One row per part of the shorter name; of equally long ones the lesser comes first, so that sides do not matter.
_A_FIRST = "len(a) < len(b) OR len(a) = len(b) AND a <= b"
_MATRIX = f"""list_transform(
  CASE WHEN {_A_FIRST} THEN a ELSE b END[1:{MOST_PARTS}], lambda p: list_transform(
  CASE WHEN {_A_FIRST} THEN b ELSE a END[1:{MOST_PARTS}], lambda q: part_score(p, q)))"""

_WAYS = [list(way) for way in permutations(range(1, MOST_PARTS + 1))]

# A row's best columns differ nearly always, and then they are the best matching. Where two rows want one column and
# all might match, every way of giving them different ones is tried; where one cannot match, the names differ anyhow.
NAME_MATCH = f"""CREATE OR REPLACE TEMP MACRO name_match(a, b) AS CASE
  WHEN len(a) = 0 OR len(b) = 0 THEN NULL
  WHEN len(a) = 1 AND len(b) = 1 THEN struct_pack(
    worst := part_score(a[1], b[1]), mean := part_score(a[1], b[1])::DOUBLE, missing := 0::BIGINT)
  ELSE list_transform(
    list_transform([{_MATRIX}], lambda m: CASE
      WHEN len(list_distinct(list_transform(m, lambda r: list_position(r, list_max(r))))) = len(m)
        OR list_min(list_transform(m, lambda r: list_max(r))) < {INITIAL} THEN list_transform(m, lambda r: list_max(r))
      ELSE list_max(list_transform({_WAYS}, lambda way: struct_pack(
        total := list_sum(list_transform(m, lambda r, i: coalesce(r[way[i]], 0))),
        worst := list_min(list_transform(m, lambda r, i: coalesce(r[way[i]], 0))),
        picked := list_transform(m, lambda r, i: coalesce(r[way[i]], 0))))).picked END),
    lambda best: struct_pack(
      worst := list_min(best), mean := list_avg(best)::DOUBLE, missing := abs(len(a) - len(b))))[1] END"""

NAME_LEVEL = f"""CREATE OR REPLACE TEMP MACRO name_level(a, b, same_letters := false) AS
  list_transform([name_match(a, b)], lambda m: CASE
    WHEN m IS NULL THEN NULL
    WHEN same_letters THEN greatest(4, CASE WHEN m.worst = {EXACT} AND m.missing = 0 THEN 5 END)
    WHEN m.worst < {NEAR} THEN CASE WHEN m.worst = {INITIAL} THEN 1 ELSE 0 END
    WHEN m.missing > 0 THEN 1
    WHEN m.worst = {EXACT} THEN 5
    WHEN m.worst >= {UNWRITTEN} THEN 4
    WHEN m.worst >= {ROOT} THEN 3
    ELSE 2 END)[1]::UTINYINT"""

NAME_SCORE = """CREATE OR REPLACE TEMP MACRO name_score(a, b, same_letters := false) AS CASE
  WHEN same_letters THEN 100.0
  ELSE list_transform([name_match(a, b)], lambda m: (m.mean + m.worst) / 2 - 5 * m.missing)[1] END"""
