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

PART = (
    "STRUCT(form VARCHAR, forms VARCHAR[], root VARCHAR, roots VARCHAR[], bones VARCHAR[], skeleton VARCHAR, "
    "is_voweled BOOLEAN)"
)
SCHEMA = pa.schema(
    [
        ("part", pa.string()),
        ("script", pa.string()),
        ("form", pa.string()),
        ("forms", pa.list_(pa.string())),
        ("root", pa.string()),
        ("roots", pa.list_(pa.string())),
        ("bones", pa.list_(pa.string())),
        ("skeleton", pa.string()),
        ("is_voweled", pa.bool_()),
    ]
)
FIELDS = ("surname", "given_names", "patronymic", "full_name")
UNWRITTEN = r"[\x{200b}-\x{200f}\x{0640}\x{064b}-\x{0652}\x{0654}\x{0655}\x{0670}\x{2060}\x{feff}]"
APOSTROPHES = "’ʻʼ`´‘ʹ′ˈ"
# Families with two characters, as Baijiaxing has them; all others have one.
DOUBLE_SURNAMES = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|司徒|夏侯|令狐"
BATCH = 50_000


def create_dictionary(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Makes an empty dictionary and the macros `name_parts` and `full_name_parts`, which divide a text.

    `full_name_parts` divides an undivided Chinese or Korean name after the family too.
    """
    types = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN"}
    columns = ", ".join(f"{field.name} {types.get(field.type, 'VARCHAR[]')}" for field in SCHEMA)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    clean = f"regexp_replace(nfc_normalize(lower(text)), '{UNWRITTEN}', '', 'g')"
    clean = f"translate({clean}, '{APOSTROPHES}', repeat('''', {len(APOSTROPHES)}))"
    no_part = "[" + ", ".join("'" + each.replace("'", "''") + "'" for each in particles()) + "]"
    connection.execute(
        rf"""CREATE OR REPLACE TEMP MACRO name_parts(text) AS list_transform([list_filter(
          regexp_split_to_array({clean}, '[^\p{{L}}\p{{M}}'']+'), lambda each: trim(each, '''') <> '')],
          lambda found: CASE WHEN list_has_all({no_part}, found) THEN found
          ELSE list_filter(found, lambda each: NOT list_contains({no_part}, each)) END)[1]"""
    )
    double = rf"^({DOUBLE_SURNAMES})(\p{{Han}}{{1,2}})$"
    single = r"^(\p{Han}|\p{Hangul})(\p{Han}{1,2}|\p{Hangul}{1,2})$"
    connection.execute(
        rf"""CREATE OR REPLACE TEMP MACRO full_name_parts(text) AS
        name_parts(regexp_replace(regexp_replace(trim(text), '{double}', '\1 \2'), '{single}', '\1 \2'))"""
    )


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
        f"SELECT unnest({'full_name_parts' if field == 'full_name' else 'name_parts'}({field})) AS part FROM {names}"
        for field in FIELDS
    )
    new = connection.execute(
        f"SELECT DISTINCT part FROM ({each}) WHERE part NOT IN (SELECT part FROM {table}) ORDER BY part"
    ).to_arrow_table()["part"]
    for start in range(0, len(new), BATCH):
        rows = [asdict(name_part(part)) for part in new.slice(start, BATCH).to_pylist()]
        connection.register("new_name_part", pa.Table.from_pylist(rows, SCHEMA))
        connection.execute(f"INSERT INTO {table} BY NAME FROM new_name_part")
        connection.unregister("new_name_part")
    return len(new)


def name_keys(table: str, names: str) -> str:
    """SQL: one row per name of a relation with `name_id` and the columns of `FIELDS`.

    Columns: `name_id`; `surname`, `given_names`, `patronymic`: parts of each field in the order written; `parts`: all
    of them, sorted; `form_key`, `root_key`: hashes of the sorted forms and roots, equal for swapped parts; `letters`:
    hash of all letters in order of the alphabet, equal for merged and divided parts too; `skeletons`: for blocking. A
    name without a part has no row.
    """
    each = " UNION ALL ".join(
        f"SELECT name_id, {place} AS field, {'full_name_parts' if field == 'full_name' else 'name_parts'}({field}) AS "
        f"found FROM {names} WHERE {field} IS NOT NULL"
        for place, field in enumerate(FIELDS)
    )
    part = "struct_pack(form, forms, root, roots, bones, skeleton, is_voweled)"
    slots = ", ".join(
        f"coalesce(list(part ORDER BY place) FILTER (field = {place}), []) AS {field}"
        for place, field in enumerate(FIELDS[:3])
    )
    return f"""WITH field AS ({each}),
    token AS (SELECT name_id, field, unnest(found) AS part, generate_subscripts(found, 1) AS place FROM field),
    known AS (SELECT name_id, field, place, form, root, skeleton, {part} AS part
      FROM token JOIN {table} AS dictionary USING (part))
    SELECT name_id, {slots}, list(part ORDER BY part) AS parts,
      hash(list(form ORDER BY form)) AS form_key, hash(list(root ORDER BY root)) AS root_key,
      hash(list_sort(string_split(translate(string_agg(form, ''), 'oe', 'ui'), ''))) AS letters,
      list_distinct(list(skeleton ORDER BY skeleton)) AS skeletons
    FROM known GROUP BY name_id"""
