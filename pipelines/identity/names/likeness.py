"""How alike two parts of names are, 0 to 100: readings that they share first, string distances last.

Every figure is symmetric and depends on the two texts alone.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

from pipelines.identity.names.readings import begun_by
from pipelines.identity.names.tables import apart
from pipelines.identity.numbering import Flags, Places, expand, laid_out, number, number_pairs

Scores = npt.NDArray[np.int64]
FEW, MANY = 0.77, 0.7
EXACT, READING, UNWRITTEN, ROOT, SOUND, BONES, NEAR, INITIAL, CLOSE, FAR = 100, 97, 94, 91, 86, 80, 65, 50, 39, 30
MOST_LONGER, SHORTEST_ENDING = 4, 2
# Chinese characters write of another people's name its classes of consonants, a vowel behind each: so many classes that
# are alike are near, and so many are all that a rendering can say, which is longer than the name.
FEWEST, TELLING = 3, 4
LIGHTS = np.uint64(64)

PARTS = """SELECT part_id, form, root, bone, coalesce(length(form), 0) AS length,
  length(form) = 1 OR length(part) = 1 AND script NOT IN ('han', 'hangul') AS is_initial,
  coalesce(length(bone), 0) AS bones, coalesce(length(skeleton), 0) AS skeletons, is_full,
  is_rendering OR script = 'han' AND NOT is_full AS is_rendering, script = 'hangul' AS is_hangul,
  script = 'latin' AS is_latin
FROM {schema}.name_part SEMI JOIN needed_part USING (part_id)"""
KINDS = ("form", "root", "bone", "sound", "skeleton")
KIND = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(KINDS))
READINGS = f"""SELECT part_id, (CASE kind {KIND} END)::BIGINT AS kind, reading
FROM {{schema}}.name_reading SEMI JOIN needed_part USING (part_id)"""
# Share of letters that stay, from `NEAR` on where few change and below `INITIAL` where many do. Swapped letters are one
# change, which is dear to find out; letters changed one by one are cheap to count and settle most parts.
DISTANCE = f"""WITH counted AS (
  SELECT place, p, q, levenshtein(p, q) AS changed, greatest(length(p), length(q)) AS longest FROM needed_text
), stayed AS (
  SELECT place, CASE WHEN changed > {MANY} * longest OR changed = 1 THEN 1 - changed / longest
    ELSE 1 - damerau_levenshtein(p, q) / longest END AS stay FROM counted
)
SELECT (CASE WHEN stay >= {FEW} THEN {SOUND - 1} * stay ELSE 60 * stay END)::UTINYINT AS score
FROM stayed ORDER BY place"""
ENDS = """SELECT i.part, i.script, i.form[1], n.script, n.part[1], n.form[1]
FROM needed_initial JOIN {schema}.name_part AS i ON i.part_id = initial_id
JOIN {schema}.name_part AS n ON n.part_id = name_id ORDER BY place"""
SPELLED = """SELECT h.part, l.part FROM needed_spelling JOIN {schema}.name_part AS h ON h.part_id = hangul_id
JOIN {schema}.name_part AS l ON l.part_id = latin_id ORDER BY place"""
# Where a script leaves short vowels out, the long ones that it writes must be there in the other, too: Mahmud is not
# Muhammad.
CONTAINED = """SELECT coalesce(list_bool_or(list_transform(p.roots, lambda x: list_bool_or(list_transform(q.roots,
  lambda y: levenshtein(x, y) = abs(length(x) - length(y)))))), false) AS is_contained
FROM needed_bone JOIN {schema}.name_part AS p ON p.part_id = p_id JOIN {schema}.name_part AS q ON q.part_id = q_id
ORDER BY place"""


def score_parts(
    connection: duckdb.DuckDBPyConnection, schema: str, part_ids: pa.Array, p: Places, q: Places, is_by_reading: bool
) -> Scores:
    """Score of each pair of parts.

    Args:
        connection: Where the dictionary lies.
        schema: Schema of the dictionary.
        part_ids: Distinct parts.
        p: Places among these of the parts of one side.
        q: Of the other side's.
        is_by_reading: Ask for scores from `SOUND` on alone, which need no string distance; what has less may be less.
    """
    with laid_out(connection, "needed_part", {"part_id": part_ids}):
        part = connection.execute(PARTS.format(schema=schema)).to_arrow_table()
        shares = _shared(connection, schema, part_ids, p, q)
    part = part.take(pc.index_in(part_ids, part["part_id"].combine_chunks()))
    length, is_initial, bones, skeletons, is_full, is_rendering = (
        part[name].to_numpy() for name in ("length", "is_initial", "bones", "skeletons", "is_full", "is_rendering")
    )
    texts = [part[name].combine_chunks() for name in ("form", "root", "bone")]
    codes, distinct = number(pa.concat_arrays(texts))
    form, root, bone = np.split(codes, 3)
    is_written, fewest = is_full[p] & is_full[q], np.minimum(skeletons[p], skeletons[q])
    is_rendered = (is_rendering[p] != is_rendering[q]) & shares["skeleton"]
    is_longer = is_rendering[p] & (length[p] > length[q]) | is_rendering[q] & (length[q] > length[p])
    has_initial = np.flatnonzero(is_initial[p] != is_initial[q])
    by_initial = np.zeros(len(p), dtype=np.int64)
    initials, others = (np.where(is_initial[p] == which, p, q)[has_initial] for which in (True, False))
    by_initial[has_initial] = _initials(connection, schema, *(part_ids.take(pa.array(x)) for x in (initials, others)))
    is_partial = shares["bone"] & ~is_written & ~shares["root"]
    cases: list[tuple[Flags, Any]] = [
        (_are_exact(connection, schema, part, form, p, q), EXACT),
        (_are_apart(distinct, root[p], root[q]), 0),
        (shares["form"] & shares["root"], READING),
        (shares["root"] & shares["bone"] & ~is_written, UNWRITTEN),
        (shares["root"], ROOT),
        (is_initial[p] != is_initial[q], by_initial),
        (is_partial, _unwritten(connection, schema, part_ids, p, q, is_partial, bones)),
        (is_rendered & is_longer & (fewest >= TELLING), UNWRITTEN),
        (~is_written & shares["skeleton"] & (fewest >= FEWEST), NEAR + 5),
        (is_written & shares["sound"], SOUND),
        (is_written & shares["bone"] & (np.minimum(bones[p], bones[q]) > 2), BONES),
        (is_written & is_rendered & (fewest >= FEWEST), NEAR + 5),
        (is_written & (np.abs(length[p] - length[q]) > MOST_LONGER), 0),
    ]
    settled = np.logical_or.reduce([case for case, _ in cases])
    scores: Scores = np.select([case for case, _ in cases], [score for _, score in cases], 0).astype(np.int64)
    if not is_by_reading:
        rest = np.flatnonzero(~settled)
        scores[rest] = _distances(connection, distinct, (form, root, bone), p[rest], q[rest], is_written[rest])
    return scores


def _are_apart(texts: pa.Array, one: Places, other: Places) -> Flags:
    """Whether two roots are of names that tell twins from each other."""
    found = np.zeros(len(one), dtype=bool)
    for pair in apart():
        a, b = pc.index_in(pa.array(pair), texts).to_pylist()
        if a is not None and b is not None:
            found |= (one == a) & (other == b) | (one == b) & (other == a)
    return found


def _shared(
    connection: duckdb.DuckDBPyConnection, schema: str, part_ids: pa.Array, p: Places, q: Places
) -> dict[str, Flags]:
    """Kind, then whether the parts of each pair share a reading of it.

    Each reading of a part lights one of `LIGHTS` lights of its kind. Most pairs have no light in common, and so no
    reading; of the others the readings are looked at.
    """
    told = connection.execute(READINGS.format(schema=schema)).to_arrow_table()
    of = pc.index_in(told["part_id"].combine_chunks(), part_ids).to_numpy().astype(np.int64)
    cell = told["kind"].to_numpy() * len(part_ids) + of
    reading = told["reading"].to_numpy()
    lights = np.zeros(len(KINDS) * len(part_ids), dtype=np.uint64)
    np.bitwise_or.at(lights, cell, np.uint64(1) << reading % LIGHTS)
    begins = np.arange(len(KINDS)) * len(part_ids)
    pair = [np.flatnonzero(lights[begin + p] & lights[begin + q]) for begin in begins.tolist()]
    one, other = (np.concatenate([begin + end[at] for begin, at in zip(begins, pair, strict=True)]) for end in (p, q))
    reading, counts = reading[np.argsort(cell, kind="stable")], np.bincount(cell, minlength=len(lights))
    first = np.cumsum(counts) - counts
    asked, within = expand(counts[one] * counts[other])
    others = counts[other][asked]
    is_shared = reading[first[one][asked] + within // others] == reading[first[other][asked] + within % others]
    is_found = np.zeros(len(one), dtype=bool)
    is_found[asked[is_shared]] = True
    found = {}
    for kind, at, flags in zip(KINDS, pair, np.split(is_found, np.cumsum(list(map(len, pair)))[:-1]), strict=True):
        found[kind] = np.zeros(len(p), dtype=bool)
        found[kind][at] = flags
    return found


def _initials(
    connection: duckdb.DuckDBPyConnection, schema: str, initial_ids: pa.Array, name_ids: pa.Array
) -> npt.NDArray[np.int64]:
    """Scores of initials and names: `INITIAL` where the name may begin with the initial, as written or as read."""
    sides = {"place": np.arange(len(initial_ids)), "initial_id": initial_ids, "name_id": name_ids}
    with laid_out(connection, "needed_initial", sides):
        ends = connection.execute(ENDS.format(schema=schema)).fetchall()
    may_begin = [
        first == begins or begins in begun_by(letter, script) or (letter, script) == (written, of_name)
        for letter, script, first, of_name, written, begins in ends
    ]
    return np.where(may_begin, INITIAL, 0)


def _are_exact(
    connection: duckdb.DuckDBPyConnection, schema: str, part: pa.Table, form: Places, p: Places, q: Places
) -> Flags:
    """Which pairs of parts have one form; of a Korean and a Latin one, which are the same letter by letter.

    Forms are coarser than Korean letters, and make one of yeojin and eojin.
    """
    is_hangul, is_latin = (part[name].to_numpy() for name in ("is_hangul", "is_latin"))
    are_exact: Flags = form[p] == form[q]
    at = np.flatnonzero(is_hangul[p] & is_latin[q] | is_latin[p] & is_hangul[q])
    if len(at):
        korean, latin = (np.where(is_hangul[p[at]] == which, p[at], q[at]) for which in (True, False))
        ids = {"hangul_id": part["part_id"].take(pa.array(korean)), "latin_id": part["part_id"].take(pa.array(latin))}
        with laid_out(connection, "needed_spelling", {"place": at} | ids):
            spelled = connection.execute(SPELLED.format(schema=schema)).fetchall()
        are_exact[at] = [anyascii(one).lower() == other for one, other in spelled]
    return are_exact


def _unwritten(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    part_ids: pa.Array,
    p: Places,
    q: Places,
    asked: Flags,
    bones: Scores,
) -> Scores:
    """Scores of parts that share consonants where a script leaves vowels out."""
    at = np.flatnonzero(asked)
    scores = np.zeros(len(p), dtype=np.int64)
    if len(at):
        sides = {"place": at, "p_id": part_ids.take(pa.array(p[at])), "q_id": part_ids.take(pa.array(q[at]))}
        with laid_out(connection, "needed_bone", sides):
            (is_contained,) = connection.execute(CONTAINED.format(schema=schema)).fetchnumpy().values()
        some = np.where(np.minimum(bones[p[at]], bones[q[at]]) > 1, NEAR + 10, 0)
        scores[at] = np.where(is_contained, UNWRITTEN, some)
    return scores


def _distances(
    connection: duckdb.DuckDBPyConnection,
    texts: pa.Array,
    columns: tuple[Places, Places, Places],
    p: Places,
    q: Places,
    is_written: Flags,
) -> Scores:
    """Scores by letters: of forms or of roots, whichever are nearer; of consonants where vowels are left out.

    Forms that both lost an ending count only where they are `NEAR`: Ибраимовна and Байышовна have little but -ovna.
    """
    form, root, bone = columns
    by_root = is_written & ((root[p] != form[p]) | (root[q] != form[q]))
    by_bone = ~is_written & (bone[p] >= 0) & (bone[q] >= 0)
    asked = [(form, is_written), (root, by_root), (bone, by_bone)]
    at = np.concatenate([np.flatnonzero(which) for _, which in asked])
    sides = [np.concatenate([text[end[which]] for text, which in asked]) for end in (p, q)]
    codes, one, other = number_pairs(*sides)
    columns_of = {"place": np.arange(len(one)), "p": texts.take(pa.array(one)), "q": texts.take(pa.array(other))}
    with laid_out(connection, "needed_text", columns_of):
        (found,) = connection.execute(DISTANCE).fetchnumpy().values()
    by_letters = found.astype(np.int64)[codes]
    lengths = pc.utf8_length(texts).to_numpy()
    have_ending = np.logical_and(*(lengths[form[end]] - lengths[root[end]] >= SHORTEST_ENDING for end in (p, q)))
    of_forms = np.arange(len(at)) < np.count_nonzero(is_written)
    by_letters[of_forms & have_ending[at] & (by_letters < NEAR)] = 0
    scores = np.zeros(len(p), dtype=np.int64)
    np.maximum.at(scores, at, by_letters)
    return scores
