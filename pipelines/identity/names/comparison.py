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
    for statement in (PART_SCORE, NAME_MATCH, LEVEL_OF, NAME_LEVEL, NAME_SCORE):
        connection.execute(statement)


def _distance(p: str, q: str) -> str:
    """Share of letters that stay, from `NEAR` on where few change and far below where many do.

    Swapped letters are one change, which is dear to find out; letters changed one by one, at most twice as many, are
    cheap to count and settle most parts.
    """
    longest = f"greatest(length({p}), length({q}))"
    few = f"damerau_levenshtein({p}, {q}) <= {1 - FEW:.2f} * {longest}"
    near = f"{SOUND - 1} * (1 - damerau_levenshtein({p}, {q}) / {longest})"
    far = f"{INITIAL - 5} * (1 - levenshtein({p}, {q}) / {longest})"
    return f"""CASE WHEN levenshtein({p}, {q}) > {2 * (1 - FEW):.2f} * {longest} THEN {far}
      WHEN {few} THEN {near} ELSE {far} END"""


_CONTAINED = """list_bool_or(list_transform(p.roots, lambda x: list_bool_or(list_transform(q.roots,
  lambda y: levenshtein(x, y) = abs(length(x) - length(y))))))"""

# Parts that share a reading share a root, so that one look at the roots settles most parts that differ. Where a script
# leaves short vowels out, the long ones that it writes must be there in the other, too: Mahmud is not Muhammad.
PART_SCORE = f"""CREATE OR REPLACE TEMP MACRO part_score(p, q) AS (CASE
  WHEN p.form = q.form THEN {EXACT}
  WHEN list_has_any(p.roots, q.roots) THEN CASE WHEN list_has_any(p.forms, q.forms) THEN {READING} ELSE {ROOT} END
  WHEN length(p.form) = 1 OR length(q.form) = 1 THEN CASE WHEN p.form[1] = q.form[1] THEN {INITIAL} ELSE 0 END
  WHEN NOT (p.is_full AND q.is_full) THEN CASE
    WHEN list_has_any(p.bones, q.bones) THEN
      CASE WHEN {_CONTAINED} THEN {UNWRITTEN} WHEN length(p.bones[1]) > 1 THEN {NEAR + 10} ELSE 0 END
    WHEN p.skeleton = q.skeleton AND length(p.skeleton) > 2 THEN {NEAR + 5}
    ELSE coalesce({_distance("p.bones[1]", "q.bones[1]")}, 0) END
  WHEN p.sound = q.sound THEN {SOUND}
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

LEVEL_OF = f"""CREATE OR REPLACE TEMP MACRO level_of(worst, missing) AS CASE
  WHEN worst = {INITIAL} THEN 1
  WHEN worst < {NEAR} THEN 0
  WHEN missing > 0 THEN 1
  WHEN worst = {EXACT} THEN 5
  WHEN worst >= {UNWRITTEN} THEN 4
  WHEN worst >= {ROOT} THEN 3
  WHEN worst >= {NEAR} THEN 2 END"""

NAME_LEVEL = """CREATE OR REPLACE TEMP MACRO name_level(a, b, same_letters := false) AS (CASE
  WHEN len(a) = 1 AND len(b) = 1 THEN level_of(part_score(a[1], b[1]), 0)
  ELSE list_transform([name_match(a, b)], lambda m: CASE
    WHEN same_letters THEN greatest(4, level_of(m.worst, m.missing))
    ELSE level_of(m.worst, m.missing) END)[1] END)::UTINYINT"""

NAME_SCORE = """CREATE OR REPLACE TEMP MACRO name_score(a, b, same_letters := false) AS CASE
  WHEN same_letters THEN 100.0
  ELSE list_transform([name_match(a, b)], lambda m: (m.mean + m.worst) / 2 - 5 * m.missing)[1] END"""
