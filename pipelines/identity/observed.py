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

TABLES = """
CREATE SCHEMA IF NOT EXISTS linkage;
CREATE TABLE IF NOT EXISTS linkage.observed (observation_id UBIGINT, surname UBIGINT, given UBIGINT, patronymic UBIGINT,
  former UBIGINT, is_one_text BOOLEAN, birth VARCHAR, sex VARCHAR, citizenship VARCHAR, birth_country VARCHAR,
  document VARCHAR, series BIGINT, state VARCHAR, iin VARCHAR, has_full_given BOOLEAN, has_full_patronymic BOOLEAN,
  first_load_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.key (observation_id UBIGINT, key UBIGINT, kind VARCHAR, first_load_seq INTEGER)
"""

CYRILLIC, LATIN = "АВЕКМНОРСТХУІ", "ABEKMHOPCTXYI"
NUMBER = f"translate(upper(regexp_replace(document_number, '[^\\pL\\pN]', '', 'g')), '{CYRILLIC}', '{LATIN}')"

# ICAO's codes of refugees stand where the citizenship does; they tell of protection, and of no state.
REFUGEES = "('XXB', 'XXC')"

# A name that came as one text, or whole in the field of the surname, is divided as it is mostly written.
WRITTEN = f"""CREATE OR REPLACE TEMP TABLE written AS
WITH fresh AS (
  SELECT *, coalesce(surname, surname_latin) IS NULL AND given_names IS NULL AND given_names_latin IS NULL
    AND full_name IS NOT NULL AS is_full_name,
    given_names IS NULL AND given_names_latin IS NULL AND contains(trim(coalesce(surname, surname_latin)), ' ')
      AS is_merged
  FROM {{observations}}
), divided AS (
  SELECT *, CASE WHEN is_full_name OR is_merged THEN
    full_name_parts(coalesce(CASE WHEN is_full_name THEN full_name END, surname, surname_latin)) END AS text_parts
  FROM fresh
), told AS (SELECT *, coalesce(len(text_parts) > 1, false) AS is_one_text FROM divided)
SELECT observation_id, is_one_text, first_load_seq,
  CASE WHEN is_one_text THEN text_parts[1] ELSE coalesce(surname, CASE WHEN is_full_name THEN full_name END) END
    AS surname,
  CASE WHEN is_one_text THEN text_parts[2] ELSE given_names END AS given,
  CASE WHEN is_one_text THEN coalesce(nullif(array_to_string(text_parts[3:], ' '), ''), patronymic)
    ELSE patronymic END AS patronymic,
  CASE WHEN NOT is_one_text THEN surname_latin END AS surname_latin,
  CASE WHEN NOT is_one_text THEN given_names_latin END AS given_latin,
  former_names, birth_date, sex, CASE WHEN citizenship NOT IN {REFUGEES} THEN citizenship END AS citizenship,
  birth_country,
  CASE WHEN regexp_matches({NUMBER}, '[1-9]') THEN {NUMBER} END AS document, document_state,
  CASE WHEN iin_verified THEN iin END AS iin
FROM told"""
VALUES = """(SELECT surname AS native, surname_latin AS latin FROM written
  UNION SELECT given, given_latin FROM written UNION SELECT patronymic, NULL FROM written
  UNION SELECT former_names, NULL FROM written)"""
# A value whose text has no letter names nothing.
OBSERVED = """INSERT INTO linkage.observed
WITH named AS (SELECT *, name_value(surname, surname_latin) AS s, name_value(given, given_latin) AS g,
  name_value(patronymic, NULL) AS p, name_value(former_names, NULL) AS f FROM written)
SELECT observation_id, s.value_id, g.value_id, p.value_id, f.value_id, is_one_text, birth_date, sex, citizenship,
  birth_country, document, try_cast(regexp_extract(document, '[0-9]+$') AS BIGINT), document_state, iin,
  coalesce(g.is_full, false), coalesce(p.is_full, false), first_load_seq
FROM named LEFT JOIN linkage.name_value AS s ON s.value_id = s LEFT JOIN linkage.name_value AS g ON g.value_id = g
LEFT JOIN linkage.name_value AS p ON p.value_id = p LEFT JOIN linkage.name_value AS f ON f.value_id = f"""

# Names of which one may be the other's place: a pair of parts of surname and given names in either order, or one of
# these with a part of the father's name; parts of a text that came as one may stand for any of them.
PARTS = """CREATE OR REPLACE TEMP TABLE skeleton AS
WITH fresh AS (FROM linkage.observed SEMI JOIN written USING (observation_id) WHERE birth IS NOT NULL)
SELECT DISTINCT observation_id, reading AS skeleton, role, place FROM (
  SELECT observation_id, surname AS value_id, 'surname' AS role FROM fresh
  UNION ALL SELECT observation_id, given, 'given' FROM fresh
  UNION ALL SELECT observation_id, patronymic, 'patronymic' FROM fresh
) JOIN linkage.name_value_part USING (value_id) JOIN linkage.name_reading USING (part_id) WHERE kind = 'skeleton'"""
WEAK = "length(birth) < 10 OR birth[5:] = '-01-01'"
KEYS = f"""INSERT INTO linkage.key
WITH dated AS (
  SELECT observation_id, first_load_seq, is_one_text, birth, left(birth, 4) AS year, birth[6:7] AS month,
    birth[9:10] AS day, {WEAK} AS is_weak
  FROM linkage.observed SEMI JOIN written USING (observation_id) WHERE birth IS NOT NULL
), named AS (
  SELECT DISTINCT dated.*, hash(a.skeleton, b.skeleton) AS names, unnest(
    CASE WHEN is_one_text THEN ['own', 'surname', 'given']
      WHEN a.role <> 'patronymic' AND b.role <> 'patronymic' THEN ['own']
      WHEN 'surname' IN (a.role, b.role) THEN ['surname'] ELSE ['given'] END) AS roles
  FROM skeleton AS a JOIN skeleton AS b ON b.observation_id = a.observation_id AND a.skeleton < b.skeleton
    AND (a.role, a.place) <> (b.role, b.place)
  JOIN dated ON dated.observation_id = a.observation_id
), single AS (
  SELECT DISTINCT dated.*, skeleton FROM skeleton JOIN dated USING (observation_id)
  WHERE NOT is_weak AND (is_one_text OR role <> 'patronymic')
)
SELECT observation_id, hash('iin', iin), 'iin', first_load_seq FROM linkage.observed SEMI JOIN written
  USING (observation_id) WHERE iin IS NOT NULL
UNION ALL
SELECT observation_id, hash('document', document), 'document', first_load_seq FROM linkage.observed SEMI JOIN written
  USING (observation_id) WHERE document IS NOT NULL
UNION ALL SELECT observation_id, hash('day', birth, skeleton), 'day', first_load_seq FROM single
UNION ALL SELECT observation_id, hash('month', left(birth, 7), names), 'slip', first_load_seq FROM named
WHERE NOT is_weak AND roles = 'own'
UNION ALL SELECT observation_id, hash('date', year, day, names), 'slip', first_load_seq FROM named
WHERE NOT is_weak AND roles = 'own'
UNION ALL
SELECT observation_id, hash('turned', year, least(month, day), greatest(month, day), names), 'slip', first_load_seq
FROM named WHERE NOT is_weak AND roles = 'own' AND day <= '12' AND day <> month
UNION ALL
SELECT observation_id, hash('year', year, roles, names), CASE WHEN is_weak THEN 'weak' ELSE 'year' END, first_load_seq
FROM named"""


def observe(connection: duckdb.DuckDBPyConnection, observations: str) -> None:
    """Adds the observations of a relation to `linkage.observed` and `linkage.key`, and their names to the dictionary.

    Args:
        connection: Where `TABLES` and the dictionary stand.
        observations: Relation with the columns of `intermediate.observation`; none of them observed before.
    """
    connection.execute(WRITTEN.format(observations=observations))
    add_values(connection, "linkage", VALUES)
    connection.execute(OBSERVED)
    connection.execute(PARTS)
    connection.execute(KEYS)
    connection.execute("DROP TABLE skeleton")
    connection.execute("DROP TABLE written")
