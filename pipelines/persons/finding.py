"""Persons who fit what an officer knows: a document, an IIN, or a name with a birth date.

How well a person fits, 0 to 100, orders the answer and is no probability. A number fits whole; where nobody has it,
those with one sign mistyped or two swapped are shown. A name is compared across scripts among the persons whose birth
date is that one, contains it, or is one slip away from it, where a part of the name sounds alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.identity.names import add_values, compare_values, create_dictionary
from pipelines.intake.macros import LOOK_ALIKES
from pipelines.persons.sections import TELLING_FEEDS

COLUMNS = ("fit", "person_id", "names", "birth_dates", "citizenships", "documents")
LEAST_NAME = 57  # a part in two may keep seven letters of ten, or be an initial
DICTIONARY = "memory.finding"  # beside the published file, which cannot be written
LATIN = str.maketrans(*LOOK_ALIKES)
NUMBER = "upper(regexp_replace({}, '[^\\p{{L}}\\p{{N}}]', '', 'g'))"

SEARCHED = """CREATE OR REPLACE TEMP VIEW searched AS
FROM registry.identity WHERE NOT list_contains(CAST({} AS VARCHAR[]), feed)"""
BY_NUMBER = """CREATE OR REPLACE TEMP TABLE fitting AS
SELECT person_id, max(CASE WHEN number = $asked THEN 100 ELSE 75 END - CASE WHEN is_sure THEN 0 ELSE 10 END) AS fit
FROM (SELECT person_id, {number} AS number, {is_sure} AS is_sure FROM searched)
WHERE {condition} GROUP BY person_id"""
# One slip leaves the beginning or the end as it was; the distance, which is dear, is measured on those alone.
SLIP = """(left({0}, (length({1}) - 2) // 2) = left({1}, (length({1}) - 2) // 2)
  OR right({0}, (length({1}) - 2) // 2) = right({1}, (length({1}) - 2) // 2))
  AND length({0}) BETWEEN length({1}) - 1 AND length({1}) + 1 AND damerau_levenshtein({0}, {1}) <= 1"""

# One row per person and way of writing the name; the asked name is nobody's.
SPELLINGS = f"""CREATE OR REPLACE TEMP TABLE spelling AS
WITH near AS (
  SELECT *, CASE WHEN birth_date = $born THEN 1.0
    WHEN starts_with(birth_date, $born) OR starts_with($born, birth_date) THEN 0.95
    WHEN birth_date = $born[1:5] || $born[9:10] || $born[5:5] || $born[6:7] THEN 0.85
    WHEN length(birth_date) = length($born) AND {SLIP.format("birth_date", "$born")} THEN 0.8 END AS birth
  FROM searched
), written AS (
  SELECT person_id, birth, concat_ws(' ', surname, given_names, patronymic) AS text FROM near WHERE birth > 0
  UNION SELECT person_id, birth, concat_ws(' ', surname_latin, given_names_latin) FROM near WHERE birth > 0
  UNION SELECT person_id, birth, full_name FROM near WHERE birth > 0
  UNION SELECT person_id, birth, former_names FROM near WHERE birth > 0
  UNION ALL SELECT NULL, NULL, $name
)
SELECT person_id, birth, array_to_string(full_name_parts(text), ' ') AS native, NULL::VARCHAR AS latin,
  name_value(native, latin) AS value_id
FROM written WHERE text <> ''"""

# Names without a part that has a reading or the skeleton of an asked part are not looked at.
PAIRS = f"""CREATE OR REPLACE TEMP TABLE name_pair AS
WITH asked AS (FROM {DICTIONARY}.name_value_part SEMI JOIN (FROM spelling WHERE person_id IS NULL) USING (value_id)),
alike AS (
  SELECT part_id FROM {DICTIONARY}.name_part WHERE skeleton IN
    (SELECT skeleton FROM {DICTIONARY}.name_part SEMI JOIN asked USING (part_id))
  UNION SELECT part_id FROM {DICTIONARY}.name_reading WHERE reading IN
    (SELECT reading FROM {DICTIONARY}.name_reading SEMI JOIN asked USING (part_id))
)
SELECT DISTINCT least(asked.value_id, other.value_id) AS x, greatest(asked.value_id, other.value_id) AS y
FROM asked, {DICTIONARY}.name_value_part AS other SEMI JOIN alike USING (part_id)"""

BY_NAME = f"""CREATE OR REPLACE TEMP TABLE fitting AS
WITH scored AS (
  SELECT unnest([x, y]) AS value_id, (mean + worst) / 2 - 5 * missing AS score FROM name_compared
)
SELECT person_id, max(score * birth) AS fit FROM scored JOIN spelling USING (value_id)
WHERE person_id IS NOT NULL AND score >= {LEAST_NAME} GROUP BY person_id"""

ANSWER = """
SELECT round(max(exact_fit))::INTEGER AS fit, person_id,
  list_sort(list_distinct(flatten(list([{name}, {latin}, former_names])))) AS names,
  list_sort(list_distinct(list(birth_date))) AS birth_dates,
  list_sort(list_distinct(list(citizenship))) AS citizenships,
  list_sort(list_distinct(list({document}))) AS documents
FROM (SELECT person_id, fit AS exact_fit FROM fitting ORDER BY fit DESC, person_id LIMIT $most)
JOIN searched USING (person_id) GROUP BY person_id ORDER BY max(exact_fit) DESC, person_id"""


@dataclass(frozen=True)
class Question:
    """What is known of the person; one of the three ways.

    Attributes:
        document: Number of a document, as written.
        iin: An IIN.
        name: A name in any script and order.
        born: Birth date that goes with the name, `1984`, `1984-05` or `1984-05-17`.
    """

    document: str = ""
    iin: str = ""
    name: str = ""
    born: str = ""

    def __str__(self) -> str:
        """The question as one text, of which the log keeps a keyed hash."""
        return f"document={self.document}|iin={self.iin}|name={self.name}|born={self.born}"


def find(
    connection: duckdb.DuckDBPyConnection, question: Question, most: int = 20, with_asylum: bool = False
) -> list[dict[str, Any]]:
    """One row per person who may be the one, the best fit first, with the columns of `COLUMNS`.

    Args:
        connection: The restricted file, in use.
        question: What is known.
        most: How many persons at most.
        with_asylum: Whether what records about asylum alone tell is searched too.
    """
    connection.execute(SEARCHED.format(list(() if with_asylum else TELLING_FEEDS)))
    if question.name:
        _by_name(connection, question)
    elif question.iin:
        _by_number(connection, "iin", "coalesce(is_iin_verified, false)", question.iin)
    else:
        _by_number(connection, NUMBER.format("document_number"), "true", _as_read(question.document))
    joined = {part: f"nullif(concat_ws(' ', {', '.join(columns)}), '')" for part, columns in PARTS.items()}
    found = connection.execute(ANSWER.format(**joined), {"most": most})
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]


PARTS = {
    "name": ("surname", "given_names", "patronymic", "full_name"),
    "latin": ("surname_latin", "given_names_latin"),
    "document": ("document_type", "document_number", "document_state"),
}


def _as_read(number: str) -> str:
    """The number of a document as intake reads it: Cyrillic letters that look like Latin ones are these."""
    latin = number.upper().translate(LATIN)
    return latin if latin.isascii() else number


def _by_number(connection: duckdb.DuckDBPyConnection, number: str, is_sure: str, given: str) -> None:
    """Those who have the number; where there are none, those who have it but for one slip."""
    asked = connection.execute(f"SELECT {NUMBER.format('$given')}", {"given": given}).fetchall()[0][0]
    for condition in ("number = $asked", SLIP.format("number", "$asked")):
        query = BY_NUMBER.format(number=number, is_sure=is_sure, condition=condition)
        connection.execute(query, {"asked": asked})
        if connection.execute("SELECT count(*) FROM fitting").fetchall()[0][0]:
            return


def _by_name(connection: duckdb.DuckDBPyConnection, question: Question) -> None:
    create_dictionary(connection, DICTIONARY)
    connection.execute(SPELLINGS, {"born": question.born, "name": question.name})
    add_values(connection, DICTIONARY, "spelling")
    connection.execute(PAIRS)
    compare_values(connection, DICTIONARY, "name_pair", "name_compared")
    connection.execute(BY_NAME)
