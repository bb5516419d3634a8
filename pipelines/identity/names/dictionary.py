"""The dictionary of name parts and the keys of whole names, filled set by set in the database.

A part is worked out in Python once in its life, when it is first seen; everything about whole names is SQL over the
dictionary. Texts stay in the database; nothing of them is logged.
"""

from __future__ import annotations

from dataclasses import asdict

import duckdb
import pyarrow as pa

from pipelines.identity.names.parts import name_part
from pipelines.identity.names.tables import particles

SCHEMA = pa.schema(
    [
        ("part", pa.string()),
        ("script", pa.string()),
        ("form", pa.string()),
        ("forms", pa.list_(pa.string())),
        ("root", pa.string()),
        ("roots", pa.list_(pa.string())),
        ("sound", pa.string()),
        ("bones", pa.list_(pa.string())),
        ("skeleton", pa.string()),
        ("is_full", pa.bool_()),
    ]
)
TYPES = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.list_(pa.string()): "VARCHAR[]"}
FIELDS = ("surname", "given_names", "patronymic", "full_name")
FULL_NAME = FIELDS.index("full_name")
BATCH = 50_000

UNWRITTEN = r"[\x{200b}-\x{200f}\x{0640}\x{064b}-\x{0652}\x{0654}\x{0655}\x{0670}\x{2060}\x{feff}]"
APOSTROPHES = "’ʻʼ`´‘ʹ′ˈ"
# Families with two characters, as Baijiaxing and the Korean census have them; all others have one.
DOUBLE_SURNAMES = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|司徒|夏侯|令狐|"
    "황보|남궁|제갈|사공|선우|서문|독고|동방"
)
UNDIVIDED = (
    rf"^({DOUBLE_SURNAMES})(\p{{Han}}{{1,2}}|\p{{Hangul}}{{1,2}})$",
    r"^(\p{Han}|\p{Hangul})(\p{Han}{1,2}|\p{Hangul}{1,2})$",
)

CLEAN = f"translate(regexp_replace(nfc_normalize(lower(text)), '{UNWRITTEN}', '', 'g'), '{APOSTROPHES}', $quotes)"
MACROS = (
    rf"""CREATE OR REPLACE TEMP MACRO name_parts(text) AS
    list_filter(regexp_split_to_array({CLEAN}, '[^\p{{L}}\p{{M}}'']+'),
    lambda each: regexp_matches(each, '\p{{L}}'))""",
    rf"""CREATE OR REPLACE TEMP MACRO full_name_parts(text) AS
    name_parts(regexp_replace(regexp_replace(trim(text), '{UNDIVIDED[0]}', '\1 \2'), '{UNDIVIDED[1]}', '\1 \2'))""",
    """CREATE OR REPLACE TEMP MACRO least_turn(text) AS list_min(list_transform(range(1, length(text) + 1),
    lambda start: text[start:] || text[1:start - 1]))""",
)


def create_dictionary(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Makes an empty dictionary unless it is there, and the macros that divide a text.

    `name_parts` divides at everything that is neither letter nor apostrophe; `full_name_parts` divides an undivided
    Chinese or Korean name after the family too.
    """
    columns = ", ".join(f"{field.name} {TYPES[field.type]}" for field in SCHEMA)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    quotes = "'" + "''" * len(APOSTROPHES) + "'"
    for macro in MACROS:
        connection.execute(macro.replace("$quotes", quotes))


def _divided(field: str) -> str:
    return f"{'full_name_parts' if field == FIELDS[FULL_NAME] else 'name_parts'}({field})"


def add_parts(connection: duckdb.DuckDBPyConnection, table: str, names: str) -> int:
    """Adds the parts of new names to the dictionary, one row per distinct part as written.

    Args:
        connection: Where `create_dictionary` was called.
        table: The dictionary.
        names: Relation with the columns of `FIELDS`, texts as sources wrote them.

    Returns:
        How many parts were new.
    """
    each = " UNION ALL ".join(
        f"SELECT unnest({_divided(field)}) AS part FROM (SELECT DISTINCT {field} FROM {names})" for field in FIELDS
    )
    new = connection.execute(
        f"SELECT DISTINCT part FROM ({each}) AS given ANTI JOIN {table} AS known USING (part) ORDER BY part"
    ).to_arrow_table()["part"]
    for start in range(0, len(new), BATCH):
        rows = [asdict(name_part(part)) for part in new.slice(start, BATCH).to_pylist()]
        connection.register("new_name_part", pa.Table.from_pylist(rows, SCHEMA))
        connection.execute(f"INSERT INTO {table} BY NAME FROM new_name_part")
        connection.unregister("new_name_part")
    return len(new)


def name_keys(table: str, names: str) -> str:
    """SQL: one row per name of a relation with `name_id` and the columns of `FIELDS`.

    Columns: `name_id`; `surname`, `given_names`, `patronymic`: parts of each field in the order written; `surname_part`
    and so on: the part of a field that has but one, quicker to compare; `parts`: all of them, sorted; `form_key`,
    `root_key`: hashes of the sorted forms and roots, equal for swapped parts; `letters`: hash of all letters written in
    a ring, equal for merged, divided and most swapped parts; `skeletons`: for blocking. Particles are left out where
    two parts or more remain. A name without a part has no row.
    """
    each = " UNION ALL ".join(
        f"SELECT name_id, {place} AS field, {_divided(field)} AS found FROM {names} WHERE {field} IS NOT NULL"
        for place, field in enumerate(FIELDS)
    )
    slots = ", ".join(
        f"{_of(f'list_filter(items, lambda e: e.field = {place})', 'part')} AS {field}, "
        f"CASE WHEN len({field}) = 1 THEN {field}[1] END AS {field}_part"
        for place, field in enumerate(FIELDS[:FULL_NAME])
    )
    no_part = ", ".join("'" + each.replace("'", "''") + "'" for each in particles())
    return f"""WITH field AS ({each}),
    token AS (SELECT name_id, field, unnest(found) AS part, generate_subscripts(found, 1) AS place FROM field),
    known AS (SELECT name_id, list_sort(list(struct_pack(field, place, is_particle := part IN ({no_part}),
        part := struct_pack(form, forms, root, roots, sound, bones, skeleton, is_full)))) AS items
      FROM token JOIN {table} AS dictionary USING (part) GROUP BY name_id),
    named AS (SELECT name_id, CASE WHEN len(list_filter(items, lambda e: NOT e.is_particle)) < 2 THEN items
        ELSE list_filter(items, lambda e: NOT e.is_particle) END AS items FROM known)
    SELECT name_id, {slots}, list_sort({_of("items", "part")}) AS parts,
      hash(list_sort({_of("items", "part.form")})) AS form_key,
      hash(list_sort({_of("items", "part.root")})) AS root_key,
      hash(least_turn(array_to_string({_of("items", "part.form")}, ''))) AS letters,
      list_sort(list_distinct({_of("items", "part.skeleton")})) AS skeletons
    FROM named"""


def _of(items: str, member: str) -> str:
    return f"list_transform({items}, lambda e: e.{member})"
