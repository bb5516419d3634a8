"""Observations as the linkage sees them: a standardised row and blocking keys, functions of the observation alone.

Grain of `linkage.observed`: one row per observation, with the values of its name fields (`names.dictionary`), its
birth date as known, its citizenship unless that tells of protection, and document numbers without the marks and
look-alike letters that vary. Nothing else of an observation is ever compared: neither ethnicity, faith, status, address
nor what a person did.

Grain of `linkage.key`: one row per observation and blocking key; two observations are candidates when they share one.
Kinds: `iin`, `document`, `day` (the birth date and one name), `slip` (two names, and all of the birth date but its day,
or but its month, or with these two turned), `weak` and `year` (two names and the year: `weak` where no more is known
than the year or the month, or 1 January, which stands for years; two of kind `year` are no candidates by it).
"""

from __future__ import annotations

import duckdb

from pipelines.identity.names import add_values

KINDS = ("day", "document", "iin", "slip", "weak", "year")
KIND = f"ENUM{KINDS}"
TABLES = f"""
CREATE SCHEMA IF NOT EXISTS linkage;
CREATE TABLE IF NOT EXISTS linkage.observed (observation_id UBIGINT, surname UBIGINT, given UBIGINT, patronymic UBIGINT,
  former UBIGINT, is_one_text BOOLEAN, birth VARCHAR, sex VARCHAR, citizenship VARCHAR, birth_country VARCHAR,
  document VARCHAR, series BIGINT, state VARCHAR, iin VARCHAR, has_full_given BOOLEAN, has_full_patronymic BOOLEAN,
  first_load_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.key (observation_id UBIGINT, key UBIGINT, kind {KIND}, first_load_seq INTEGER)
"""

CYRILLIC, LATIN = "АВЕКМНОРСТХУІ", "ABEKMHOPCTXYI"
# Most numbers are written plainly, and to look is cheaper than to replace.
NUMBER = f"""CASE WHEN regexp_full_match(document_number, '[A-Z0-9]*') THEN document_number
  ELSE translate(upper(regexp_replace(document_number, '[^\\pL\\pN]', '', 'g')), '{CYRILLIC}', '{LATIN}') END"""

# ICAO's codes of refugees stand where the citizenship does; they tell of protection, and of no state.
REFUGEES = "('XXB', 'XXC')"

# A name that came as one text, or whole in the field of the surname or of the given names, is divided as it is mostly
# written. These are few, and stand alone meanwhile: the engine divides rows that stand together several times faster.
IS_FULL_NAME = """(coalesce(surname, surname_latin) IS NULL AND given_names IS NULL AND given_names_latin IS NULL
  AND full_name IS NOT NULL)"""
WHOLE_TEXT = f"""CREATE OR REPLACE TEMP TABLE whole_text AS
SELECT observation_id, coalesce(surname, surname_latin, given_names, given_names_latin, full_name) AS text
FROM {{observations}}
WHERE {IS_FULL_NAME} OR (given_names IS NULL AND given_names_latin IS NULL
  AND contains(trim(coalesce(surname, surname_latin)), ' '))
  OR (surname IS NULL AND surname_latin IS NULL
  AND regexp_matches(trim(coalesce(given_names, given_names_latin)), '[\\s·]'))"""
# Passports and clerks write the father's name behind the given ones. It is taken from there where its ending or the
# word behind it says what it is; the few that have it stand alone meanwhile, too.
SEVERAL_GIVEN = "contains(given_names, ' ') OR contains(given_names_latin, ' ')"
FATHERED = f"""CREATE OR REPLACE TEMP TABLE fathered AS
SELECT observation_id, coalesce(of_given, of_latin) AS father,
  CASE WHEN of_given IS NULL THEN given_names ELSE given_alone(given_names) END AS given_alone,
  CASE WHEN of_latin IS NULL THEN given_names_latin ELSE given_alone(given_names_latin) END AS latin_alone
FROM (SELECT observation_id, given_names, given_names_latin, father_behind(given_names) AS of_given,
    father_behind(given_names_latin) AS of_latin FROM {{observations}}
  WHERE {SEVERAL_GIVEN})
WHERE of_given IS NOT NULL OR of_latin IS NOT NULL"""
DIVIDED = """CREATE OR REPLACE TEMP TABLE divided AS
SELECT observation_id, full_name_parts(text) AS text_parts, tells_father(text) AS tells_father FROM whole_text"""
# To lay out the patterns of either costs as much as to link a few observations, of which often none is asked.
NONE_DIVIDED = """CREATE OR REPLACE TEMP TABLE divided (observation_id UBIGINT, text_parts VARCHAR[],
  tells_father BOOLEAN)"""
NONE_FATHERED = """CREATE OR REPLACE TEMP TABLE fathered (observation_id UBIGINT, father VARCHAR, given_alone VARCHAR,
  latin_alone VARCHAR)"""
WRITTEN = f"""CREATE OR REPLACE TEMP TABLE written AS
WITH told AS (
  SELECT *, coalesce(len(text_parts) > 1, false) AS is_one_text, {NUMBER} AS number
  FROM {{observations}} LEFT JOIN divided USING (observation_id) LEFT JOIN fathered USING (observation_id)
), named AS (
  SELECT observation_id, is_one_text, first_load_seq, NOT is_one_text OR patronymic IS NOT NULL OR tells_father
      AS has_father,
    CASE WHEN is_one_text THEN text_parts[1] ELSE coalesce(surname, CASE WHEN {IS_FULL_NAME} THEN full_name END) END
      AS surname,
    CASE WHEN is_one_text THEN text_parts[2] ELSE coalesce(given_alone, given_names) END AS given,
    CASE WHEN is_one_text THEN coalesce(nullif(array_to_string(text_parts[3:], ' '), ''), patronymic)
      ELSE coalesce(patronymic, father) END AS patronymic,
    CASE WHEN NOT is_one_text THEN surname_latin END AS surname_latin,
    CASE WHEN NOT is_one_text THEN coalesce(latin_alone, given_names_latin) END AS given_latin,
    former_names, birth_date AS birth, sex, CASE WHEN citizenship NOT IN {REFUGEES} THEN citizenship END AS citizenship,
    birth_country, CASE WHEN regexp_matches(number, '[1-9]') THEN number END AS document, document_state,
    CASE WHEN iin_verified THEN iin END AS iin
  FROM told
)
SELECT *, name_value(surname, surname_latin) AS s, name_value(given, given_latin) AS g,
  name_value(patronymic, NULL) AS p, name_value(former_names, NULL) AS f FROM named"""
WRITTEN_VALUE = """CREATE OR REPLACE TEMP TABLE written_value AS
SELECT value_id, any_value(native) AS native, any_value(latin) AS latin FROM (
  SELECT s AS value_id, surname AS native, surname_latin AS latin FROM written
  UNION ALL SELECT g, given, given_latin FROM written
  UNION ALL SELECT p, patronymic, NULL FROM written
  UNION ALL SELECT f, former_names, NULL FROM written WHERE f IS NOT NULL
) WHERE value_id IS NOT NULL GROUP BY value_id"""

# Names of which one may be the other's place: a pair of parts of surname and given names in either order, or one of
# these with a part of the father's name; parts of a text that came as one may stand for any of them. Both may have the
# same consonants, as in Рустамов Рустам. Roles are numbers, since they are compared row by row: 0 the surname, 1 the
# given names, 2 the father's name.
SKELETONS = (
    """CREATE OR REPLACE TEMP TABLE value_skeleton AS
    SELECT DISTINCT value_id, place, reading AS skeleton FROM linkage.name_value_part
    SEMI JOIN written_value USING (value_id) JOIN linkage.name_reading USING (part_id) WHERE kind = 'skeleton'""",
    # Most names have one part that is read in one way: its skeleton stands here, and is all that is needed.
    """CREATE OR REPLACE TEMP TABLE told_value AS
    SELECT value_id, is_full, skeleton, coalesce(is_single, true) AS is_single
    FROM linkage.name_value SEMI JOIN written_value USING (value_id) LEFT JOIN (
      SELECT value_id, any_value(skeleton) AS skeleton, count(*) = 1 AS is_single FROM value_skeleton GROUP BY value_id
    ) USING (value_id)""",
)
# What a key says of the date is worked out once per date.
DATED = """CREATE OR REPLACE TEMP TABLE dated AS
WITH date AS (
  SELECT birth, length(birth) < 10 OR birth[5:] = '-01-01' AS is_weak, left(birth, 4) AS year, birth[6:7] AS month,
    birth[9:10] AS day FROM (SELECT DISTINCT birth FROM written WHERE birth IS NOT NULL)
)
SELECT birth, is_weak, hash('day', birth) AS whole, hash('year', year) AS year, hash('month', year, month) AS month,
  hash('date', year, day) AS day,
  CASE WHEN day <= '12' AND day <> month THEN hash('turned', year, least(month, day), greatest(month, day)) END
    AS turned
FROM date"""
# A value whose text has no letter is not told: it names nothing.
TOLD = """CREATE OR REPLACE TEMP TABLE told AS
SELECT observation_id, s.value_id AS surname, g.value_id AS given, p.value_id AS patronymic,
  CASE WHEN f IN (SELECT value_id FROM told_value) THEN f END AS former, is_one_text, birth, sex, citizenship,
  birth_country, document, document_state, iin, coalesce(g.is_full, false) AS has_full_given,
  has_father AND coalesce(p.is_full, false) AS has_full_patronymic, first_load_seq,
  s.skeleton AS s, g.skeleton AS g, p.skeleton AS p, NOT is_one_text AND coalesce(s.is_single, true)
    AND coalesce(g.is_single, true) AND coalesce(p.is_single, true) AS is_plain
FROM written LEFT JOIN told_value AS s ON s.value_id = written.s LEFT JOIN told_value AS g ON g.value_id = written.g
LEFT JOIN told_value AS p ON p.value_id = written.p"""
OBSERVED = """INSERT INTO linkage.observed
SELECT observation_id, surname, given, patronymic, former, is_one_text, birth, sex, citizenship, birth_country,
  document, try_cast(regexp_extract(document, '[0-9]+$') AS BIGINT), document_state, iin, has_full_given,
  has_full_patronymic, first_load_seq
FROM told"""
PARTS = """CREATE OR REPLACE TEMP TABLE skeleton AS
WITH named AS (
  SELECT observation_id, surname AS value_id, 0::UTINYINT AS role, is_plain, birth FROM told
  UNION ALL SELECT observation_id, given, 1, is_plain, birth FROM told
  UNION ALL SELECT observation_id, patronymic, 2, is_plain, birth FROM told
)
SELECT observation_id, skeleton, role, place FROM named JOIN value_skeleton USING (value_id)
WHERE NOT is_plain AND birth IS NOT NULL"""
NAMED = """CREATE OR REPLACE TEMP TABLE named AS
SELECT DISTINCT a.observation_id, hash(a.skeleton, b.skeleton) AS names,
  CASE WHEN greatest(a.role, b.role) < 2 THEN 0 WHEN least(a.role, b.role) = 0 THEN 1 ELSE 2 END::UTINYINT AS role
FROM skeleton AS a JOIN skeleton AS b ON b.observation_id = a.observation_id AND a.skeleton <= b.skeleton
  AND (a.role <> b.role OR a.place <> b.place)"""
YEAR = f"CASE WHEN is_weak THEN 'weak'::{KIND} ELSE 'year'::{KIND} END"
BOTH = "hash(least({0}, {1}), greatest({0}, {1}))"
ARE_BOTH = "{0} IS NOT NULL AND {1} IS NOT NULL"
SURNAME_AND_GIVEN = ARE_BOTH.format("s", "g")
PLAIN_KEYS = " UNION ALL ".join(
    [
        f"""SELECT observation_id, hash({date}, {name}), '{kind}'::{KIND}, first_load_seq FROM plain
        WHERE NOT is_weak AND {where}"""
        for date, name, kind, where in (
            ("whole", "s", "day", "s IS NOT NULL"),
            ("whole", "g", "day", "g IS NOT NULL AND g IS DISTINCT FROM s"),
            ("month", "names", "slip", SURNAME_AND_GIVEN),
            ("day", "names", "slip", SURNAME_AND_GIVEN),
            ("turned", "names", "slip", f"{SURNAME_AND_GIVEN} AND turned IS NOT NULL"),
        )
    ]
    + [
        f"""SELECT observation_id, hash(year, {BOTH.format(*names)}, {role}), {YEAR}, first_load_seq FROM plain
        WHERE {ARE_BOTH.format(*names)}"""
        for role, names in enumerate(("sg", "sp", "gp"))
    ]
)
KEYS = (
    f"""INSERT INTO linkage.key
    SELECT observation_id, hash('iin', iin), 'iin'::{KIND}, first_load_seq FROM told WHERE iin IS NOT NULL
    UNION ALL SELECT observation_id, hash('document', document), 'document'::{KIND}, first_load_seq FROM told
    WHERE document IS NOT NULL""",
    f"""INSERT INTO linkage.key
    WITH plain AS MATERIALIZED (
      SELECT told.*, dated.*, {BOTH.format("s", "g")} AS names FROM told JOIN dated USING (birth) WHERE is_plain
    )
    {PLAIN_KEYS}""",
    f"""INSERT INTO linkage.key
    WITH several AS (
      SELECT observation_id, is_one_text, first_load_seq, is_weak, whole, year, month, day, turned FROM told
      JOIN dated USING (birth) WHERE NOT is_plain
    ), placed AS (
      SELECT names, role, several.* FROM named JOIN several USING (observation_id) WHERE NOT is_one_text
      UNION ALL
      SELECT names, unnest([0, 1, 2]), several.*
      FROM (SELECT DISTINCT observation_id, names FROM named) JOIN several USING (observation_id) WHERE is_one_text
    ), slip AS (SELECT * FROM placed WHERE NOT is_weak AND role = 0)
    SELECT DISTINCT observation_id, hash(whole, skeleton), 'day'::{KIND}, first_load_seq
    FROM skeleton JOIN several USING (observation_id) WHERE NOT is_weak AND (is_one_text OR role < 2)
    UNION ALL SELECT observation_id, hash(month, names), 'slip'::{KIND}, first_load_seq FROM slip
    UNION ALL SELECT observation_id, hash(day, names), 'slip'::{KIND}, first_load_seq FROM slip
    UNION ALL SELECT observation_id, hash(turned, names), 'slip'::{KIND}, first_load_seq FROM slip
    WHERE turned IS NOT NULL
    UNION ALL SELECT observation_id, hash(year, names, role), {YEAR}, first_load_seq FROM placed""",
)


def observe(connection: duckdb.DuckDBPyConnection, observations: str) -> None:
    """Adds the observations of a relation to `linkage.observed` and `linkage.key`, and their names to the dictionary.

    Names are committed first, then all else at once. What is laid down on the way goes as soon as it is read for the
    last time, outside of a transaction, which would hold it to its end: memory asked for anew is a tenth of linking.

    Args:
        connection: Where `TABLES` and the dictionary stand, in no transaction.
        observations: Relation with the columns of `intermediate.observation`; none of them observed before.
    """
    connection.execute(WHOLE_TEXT.format(observations=observations))
    are_whole = _are_any(connection, "whole_text")
    have_several = _are_any(connection, f"{observations} WHERE {SEVERAL_GIVEN}")
    of_texts = (DIVIDED if are_whole else NONE_DIVIDED, FATHERED if have_several else NONE_FATHERED)
    for statement in (*of_texts, WRITTEN):
        connection.execute(statement.format(observations=observations))
    _drop(connection, "whole_text", "divided", "fathered")
    connection.execute(WRITTEN_VALUE)
    connection.begin()
    add_values(connection, "linkage", "written_value")
    connection.commit()
    for statement in (*SKELETONS, DATED, TOLD):
        connection.execute(statement)
    _drop(connection, "written", "written_value", "told_value")
    for statement in (PARTS, NAMED):
        connection.execute(statement)
    _drop(connection, "value_skeleton")
    connection.begin()
    for statement in (OBSERVED, *KEYS):
        connection.execute(statement)
    connection.commit()
    _drop(connection, "dated", "told", "skeleton", "named")


def _are_any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is not None


def _drop(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    for table in tables:
        connection.execute(f"DROP TABLE {table}")
