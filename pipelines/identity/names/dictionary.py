"""The dictionary of names, filled set by set in the database.

A name field is a *value*: what a source wrote in one field, beside its Latin rendering where the source gives one. A
value has parts; a part is worked out in Python once in its life, when it is first seen, and everything about values is
SQL over whole numbers. Texts stay in the database; nothing of them is logged. All rows are functions of the text alone.

- `name_part`: one row per distinct part as written, with its keys.
- `name_reading`: one row per part and key of a reading (`root`, `form`, `sound`, `bone` or `skeleton`), as a hash.
- `name_value`: one row per value, with what holds of all its parts.
- `name_value_part`: one row per value, variant (0 as written, 1 in Latin, 2 and 3 these with two short parts, or an
  article and its name, made one) and place of a part.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.identity.names.parts import key_parts
from pipelines.identity.names.tables import particles

BATCH = 20_000  # parts whose letters are worked on together: more find no room in the memory that the last ones left
TABLES = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.name_part (part_id UBIGINT, part VARCHAR, script VARCHAR, form VARCHAR,
  root VARCHAR, roots VARCHAR[], bone VARCHAR, skeleton VARCHAR, is_full BOOLEAN, is_rendering BOOLEAN);
CREATE TABLE IF NOT EXISTS {schema}.name_reading (part_id UBIGINT, kind VARCHAR, reading UBIGINT);
CREATE TABLE IF NOT EXISTS {schema}.name_value (value_id UBIGINT, parts UTINYINT, forms UBIGINT, letters UBIGINT,
  is_full BOOLEAN);
CREATE TABLE IF NOT EXISTS {schema}.name_value_part (value_id UBIGINT, variant UTINYINT, place UTINYINT,
  parts UTINYINT, part_id UBIGINT)
"""

UNWRITTEN = r"[\x{200b}-\x{200f}\x{0640}\x{064b}-\x{0652}\x{0654}\x{0655}\x{0670}\x{2060}\x{feff}]"
# Most values are one word of plain letters, which need no dividing; these are composed, and stay so in lower case.
ONE_WORD = "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u0481\u048a-\u052f]+"
APOSTROPHES = "’ʻʼ`´‘ʹ′ˈ"
# Families with two characters, as Baijiaxing and the Korean census have them; all others have one.
DOUBLE_SURNAMES = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|司徒|夏侯|令狐|"
    "황보|남궁|제갈|사공|선우|서문|독고|동방|장곡|소봉|망절"
)
UNDIVIDED = (
    rf"^({DOUBLE_SURNAMES})(\p{{Han}}{{1,2}}|\p{{Hangul}}{{1,2}})$",
    r"^(\p{Han}|\p{Hangul})(\p{Han}{1,2}|\p{Hangul}{1,2})$",
)

# A father's name behind given names: by its Russian ending, by the word that says son or daughter, alone or grown on to
# it. A grown -ұлы after Қ or Г is of -құлы, slave: Гурбангулы is a name.
FATHER = (
    r"\p{L}{2,}(?:[оеў]вич|[оеў]вна|инична|[oe]vi(?:ch|tch|č)|[oe]vna|inichna)"
    r"|\p{L}{2,}(?:[^қг\s]ұлы|[^кгқ\s]улы|[^kgq\s]uly)|\p{L}{3,}(?:қызы|кызы|qyzy|kyzy)"
    r"|\p{L}[\p{L}''-]+\s+(?:$behind)"
)

# What ends so is looked at, and cheaper to find: most names do not. A surname may stand behind it.
MAY_BE_FATHER = r"(?i)\S\s+\S.*(?:вич|вна|чна|v(?:i[ct]h?|ič|itch|na)|hna|[lл][yıiuыиу]|[zз][yıiыи]|ги|гі|gi|ul|лі|ى)"

# Papers write an article apart, grown on, or not at all: AL HAMDI, ALHAMDI.
MAY_HAVE_ARTICLE = r"(?i)^\s*\p{L}{2,3}[\s-]"
CLEAN = f"""regexp_replace(regexp_replace(nfc_normalize(lower(text)), '{UNWRITTEN}', '', 'g'),
    '[{APOSTROPHES}]', '''', 'g')"""
# Servant of one of the names of God is one name, whether its words are written apart or not, with the article or its
# assimilation to a sun letter.
SERVANT = (
    (r"(^|\s)abd(?:[uea][lrsnzdt])?[\s-]+(?:(?:al|el|ul|ur|ar|us|as)[\s-]+)?(\p{Latin})", r"\1abdul\2"),
    (r"(^|\s)абд(?:[уэеа][лрснзд]ь?)?[\s-]+(?:(?:аль|эль|уль|ар|ур|ас|ус)[\s-]+)?(\p{Cyrillic})", r"\1абдул\2"),
    (r"(^|\s)عبد\s+(\p{Arabic})", r"\1عبد\2"),
)
JOINED = CLEAN
for _apart, _together in SERVANT:
    JOINED = f"regexp_replace({JOINED}, '{_apart}', '{_together}', 'g')"
ONE_APOSTROPHE = "''" * len(APOSTROPHES)
LOWER = f"translate(lower(trim(text)), '{APOSTROPHES}', '{ONE_APOSTROPHE}')"
LEAST_TURN = """CREATE OR REPLACE TEMP MACRO least_turn(text) AS list_transform([list_min(string_split(text, ''))],
  lambda first: list_min(list_transform(
    list_filter(range(1, length(text) + 1), lambda start: text[start] = first),
    lambda start: (text || text)[start:start + length(text) - 1])))[1]"""
MACROS = (
    rf"""CREATE OR REPLACE TEMP MACRO name_words(text) AS list_transform([CASE
    WHEN regexp_full_match(text, '{ONE_WORD}(?: {ONE_WORD})*') AND NOT regexp_matches(text, '(?i)abd|абд')
    THEN string_split(lower(text), ' ')
    ELSE list_filter(
      regexp_split_to_array(CASE WHEN regexp_matches(text, '(?i)abd|абд|عبد') THEN {JOINED} ELSE {CLEAN} END,
        '[^\p{{L}}\p{{M}}'']+'), lambda each: regexp_matches(each, '\p{{L}}')) END], lambda all_:
    CASE WHEN len(all_) > 2 AND len(list_filter(all_, lambda each: each NOT IN ($particles))) > 1
      THEN list_filter(all_, lambda each: each NOT IN ($particles))
    WHEN len(all_) = 2 AND all_[1] IN ($articles) THEN all_[2:]
    WHEN len(all_) = 2 AND all_[2] IN ($sons) THEN all_[:1] ELSE all_ END)[1]""",
    rf"""CREATE OR REPLACE TEMP MACRO name_parts(text) AS CASE
    WHEN regexp_full_match(text, '{ONE_WORD}') THEN [lower(text)] ELSE name_words(text) END""",
    rf"""CREATE OR REPLACE TEMP MACRO father_behind(text) AS CASE
    WHEN regexp_matches(text, '{MAY_BE_FATHER}\s*$')
    THEN nullif(regexp_extract({LOWER}, '^\S.*\s({FATHER})$', 1), '') END""",
    rf"""CREATE OR REPLACE TEMP MACRO given_alone(text) AS regexp_replace({LOWER}, '\s+(?:{FATHER})$', '')""",
    rf"""CREATE OR REPLACE TEMP MACRO tells_father(text) AS
    regexp_matches(text, '{MAY_BE_FATHER}(?:\s+\S+)?\s*$') AND regexp_matches({LOWER}, '\s(?:{FATHER})(?:\s+\S+)?$')""",
    rf"""CREATE OR REPLACE TEMP MACRO surname_first(text) AS CASE
    WHEN regexp_matches(text, '{MAY_BE_FATHER}\s+\S+\s*$') AND father_behind(text) IS NULL
    THEN regexp_replace({LOWER}, '^(\S+\s+(?:{FATHER}))\s+(\S+)$', '\2 \1') ELSE text END""",
    rf"""CREATE OR REPLACE TEMP MACRO full_name_parts(text) AS name_words(surname_first(
    regexp_replace(regexp_replace(trim(text), '{UNDIVIDED[0]}', '\1 \2'), '{UNDIVIDED[1]}', '\1 \2')))""",
    LEAST_TURN,
    rf"""CREATE OR REPLACE TEMP MACRO with_article(text) AS CASE WHEN regexp_matches(text, '{MAY_HAVE_ARTICLE}')
    THEN nullif(regexp_replace({LOWER}, '^($either)[\s-]+(\p{{L}}{{3,}})$', '\1\2'), {LOWER}) END""",
    """CREATE OR REPLACE TEMP MACRO name_value(native, latin) AS
    CASE WHEN native IS NOT NULL OR latin IS NOT NULL THEN hash(native, latin) END""",
)

# Two words as short as syllables may be one name: passports of Korea and Taiwan divide what others write together.
SYLLABLE = "[bcdfghjklmnpqrstwxyz]{0,3}[aeiouy]{1,3}(?:ng|[nklmpbtrh])?"
SYLLABLES = f"{SYLLABLE} {SYLLABLE}"
NEW = """CREATE OR REPLACE TEMP TABLE new_value AS
FROM (
  SELECT DISTINCT name_value(native, latin) AS value_id, native, latin FROM {values}
  WHERE native IS NOT NULL OR latin IS NOT NULL
) ANTI JOIN {schema}.name_value AS known USING (value_id)"""
DIVIDED = """CREATE OR REPLACE TEMP TABLE new_value_part AS
WITH text AS (
  SELECT value_id, 0 AS variant, coalesce(native, latin) AS text FROM new_value
  UNION ALL
  SELECT value_id, 1, latin FROM new_value WHERE latin IS NOT NULL AND native IS NOT NULL
), variant AS (SELECT value_id, variant, name_parts(text) AS parts FROM text)
SELECT value_id, variant, unnest(parts) AS part, generate_subscripts(parts, 1) AS place, len(parts) AS parts
FROM (FROM variant UNION ALL
  SELECT value_id, variant + 2, [with_article(text)] FROM text WHERE with_article(text) IS NOT NULL UNION ALL
  SELECT value_id, variant + 2, [array_to_string(parts, '')] FROM variant
  WHERE len(parts) = 2 AND regexp_full_match(array_to_string(parts, ' '), '{syllables}'))"""

KEEP_PARTS = """
INSERT INTO {schema}.name_part
  SELECT part_id, part, script, form, root, roots, bone, skeleton, is_full, is_rendering FROM new_part;
INSERT INTO {schema}.name_reading SELECT part_id, kind, hash(reading) FROM new_reading
  WHERE kind <> 'skeleton' OR reading <> ''
"""
KEEP_VALUES = """
INSERT INTO {schema}.name_value_part SELECT value_id, variant, place, parts, hash(part) FROM new_value_part;
INSERT INTO {schema}.name_value
  WITH value AS MATERIALIZED (
    SELECT value_id, max(parts) AS parts,
      list_transform(list_sort(list(struct_pack(place, form)) FILTER (variant = 0)), lambda each: each.form) AS forms,
      array_to_string(forms, '') AS text,
      coalesce(bool_and(is_full) FILTER (variant = 0), false) OR coalesce(bool_and(is_full) FILTER (variant = 1), false)
        AS is_full
    FROM new_value_part JOIN {schema}.name_part AS known USING (part) GROUP BY value_id
  ), turned AS (SELECT text, hash(least_turn(text)) AS letters FROM (SELECT DISTINCT text FROM value))
  SELECT value_id, parts, hash(array_to_string(list_sort(forms), ' ')), letters, is_full
  FROM value JOIN turned USING (text)
"""


def create_dictionary(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Makes an empty dictionary unless it is there, and the macros that divide a text.

    `name_parts` divides at everything that is neither letter nor apostrophe and leaves particles out where two parts
    remain, an article before one part, and a word for son or daughter behind it; `full_name_parts` divides an undivided
    Chinese or Korean name after the family too, and puts a surname first that stands behind the father's name;
    `father_behind` is the father's name that stands behind given names, `given_alone` what is left without it;
    `tells_father` says whether a full name has one; `name_value` is the id of a value.
    """
    for statement in TABLES.format(schema=schema).strip().split(";\n"):
        connection.execute(statement)
    words = {"$particles": particles(), "$articles": particles("article"), "$sons": particles("child_behind")}
    lists = {word: ", ".join(f"'{_quoted(each)}'" for each in tokens) for word, tokens in words.items()}
    lists["$behind"], lists["$either"] = (
        "|".join(map(_quoted, particles(kind))) for kind in ("child_behind", "article")
    )
    for macro in MACROS:
        for word, tokens in lists.items():
            macro = macro.replace(word, tokens)
        connection.execute(macro)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def add_values(connection: duckdb.DuckDBPyConnection, schema: str, values: str) -> int:
    """Adds values to the dictionary, and their parts.

    Args:
        connection: Where `create_dictionary` was called.
        schema: Schema of the dictionary.
        values: Relation with `native` and `latin`, texts as sources wrote them; either may be empty.

    Returns:
        How many parts were new.
    """
    connection.execute(NEW.format(schema=schema, values=values))
    if connection.execute("SELECT 1 FROM new_value LIMIT 1").fetchone() is None:
        connection.execute("DROP TABLE new_value")
        return 0
    connection.execute(DIVIDED.format(syllables=SYLLABLES))
    connection.execute("DROP TABLE new_value")
    new = connection.execute(
        f"""SELECT part, hash(part) AS part_id FROM (SELECT DISTINCT part FROM new_value_part)
        ANTI JOIN {schema}.name_part AS known USING (part) ORDER BY part"""
    ).to_arrow_table()
    for start in range(0, len(new), BATCH):
        _keep_parts(connection, schema, new.slice(start, BATCH).combine_chunks())
    for statement in KEEP_VALUES.format(schema=schema).strip().split(";\n"):
        connection.execute(statement)
    connection.execute("DROP TABLE new_value_part")
    return len(new)


def _keep_parts(connection: duckdb.DuckDBPyConnection, schema: str, new: pa.Table) -> None:
    ids = new["part_id"].combine_chunks()
    keyed = key_parts(new["part"].combine_chunks())
    connection.register("new_part", keyed.parts.append_column("part_id", ids))
    connection.register("new_reading", keyed.readings.append_column("part_id", ids.take(keyed.readings["place"])))
    for statement in KEEP_PARTS.format(schema=schema).strip().split(";\n"):
        connection.execute(statement)
    for relation in ("new_part", "new_reading"):
        connection.unregister(relation)
