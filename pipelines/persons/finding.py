"""Persons who fit what an officer knows: a document, an IIN, or a name with a birth date.

How well a person fits, 0 to 100, orders the answer and is no probability. A number fits whole; where nobody has it,
those with one sign mistyped or two swapped are shown. A name is compared across scripts among the persons whose birth
date is that one, contains it, or is one slip away from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.identity.names import FIELDS, add_parts, create_dictionary, create_macros, name_keys

COLUMNS = ("fit", "person_id", "names", "birth_dates", "citizenships", "documents")
LEAST_NAME = 50
DICTIONARY = "memory.name_part"  # beside the published file, which cannot be written
NUMBER = "upper(regexp_replace({}, '[^\\p{{L}}\\p{{N}}]', '', 'g'))"

BY_NUMBER = """CREATE OR REPLACE TEMP TABLE fitting AS
SELECT person_id, max(CASE WHEN number = $asked THEN 100 ELSE 75 END - CASE WHEN is_sure THEN 0 ELSE 10 END) AS fit
FROM (SELECT person_id, {number} AS number, {is_sure} AS is_sure FROM registry.identity)
WHERE {condition} GROUP BY person_id"""
# One slip leaves the beginning or the end as it was; the distance, which is dear, is measured on those alone.
SLIP = """(left({0}, (length({1}) - 2) // 2) = left({1}, (length({1}) - 2) // 2)
  OR right({0}, (length({1}) - 2) // 2) = right({1}, (length({1}) - 2) // 2))
  AND length({0}) BETWEEN length({1}) - 1 AND length({1}) + 1 AND damerau_levenshtein({0}, {1}) <= 1"""

SPELLINGS = f"""CREATE OR REPLACE TEMP TABLE spelling AS
WITH near AS (
  SELECT *, CASE WHEN birth_date = $born THEN 1.0
    WHEN starts_with(birth_date, $born) OR starts_with($born, birth_date) THEN 0.95
    WHEN birth_date = $born[1:5] || $born[9:10] || $born[5:5] || $born[6:7] THEN 0.85
    WHEN length(birth_date) = length($born) AND {SLIP.format("birth_date", "$born")} THEN 0.8 END AS birth
  FROM registry.identity
), written AS (
  SELECT person_id, birth, surname, given_names, patronymic, full_name FROM near WHERE birth > 0
  UNION SELECT person_id, birth, surname_latin, given_names_latin, NULL, NULL FROM near WHERE birth > 0
  UNION SELECT person_id, birth, NULL, NULL, NULL, former_names FROM near WHERE birth > 0
  UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, $name
)
SELECT dense_rank() OVER (ORDER BY surname, given_names, patronymic, full_name) AS name_id, * FROM written
WHERE coalesce(surname, given_names, patronymic, full_name) IS NOT NULL"""

BY_NAME = """CREATE OR REPLACE TEMP TABLE fitting AS
WITH keyed AS MATERIALIZED ({keys}),
asked AS (SELECT keyed.* FROM keyed JOIN spelling USING (name_id) WHERE spelling.person_id IS NULL),
scored AS (
  SELECT keyed.name_id, name_score(keyed.parts, asked.parts, keyed.letters = asked.letters) AS score FROM keyed, asked
)
SELECT person_id, max(score * birth) AS fit FROM scored JOIN spelling USING (name_id)
WHERE person_id IS NOT NULL AND score >= {least} GROUP BY person_id"""

ANSWER = """
SELECT round(max(exact_fit))::INTEGER AS fit, person_id,
  list_sort(list_distinct(flatten(list([{name}, {latin}, former_names])))) AS names,
  list_sort(list_distinct(list(birth_date))) AS birth_dates,
  list_sort(list_distinct(list(citizenship))) AS citizenships,
  list_sort(list_distinct(list({document}))) AS documents
FROM (SELECT person_id, fit AS exact_fit FROM fitting ORDER BY fit DESC, person_id LIMIT $most)
JOIN registry.identity USING (person_id) GROUP BY person_id ORDER BY max(exact_fit) DESC, person_id"""


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


def find(connection: duckdb.DuckDBPyConnection, question: Question, most: int = 20) -> list[dict[str, Any]]:
    """One row per person who may be the one, the best fit first, with the columns of `COLUMNS`.

    Args:
        connection: The restricted file, in use.
        question: What is known.
        most: How many persons at most.
    """
    if question.name:
        _by_name(connection, question)
    elif question.iin:
        _by_number(connection, "iin", "coalesce(is_iin_verified, false)", question.iin)
    else:
        _by_number(connection, NUMBER.format("document_number"), "true", question.document)
    joined = {part: f"nullif(concat_ws(' ', {', '.join(columns)}), '')" for part, columns in PARTS.items()}
    found = connection.execute(ANSWER.format(**joined), {"most": most})
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]


PARTS = {
    "name": ("surname", "given_names", "patronymic", "full_name"),
    "latin": ("surname_latin", "given_names_latin"),
    "document": ("document_type", "document_number", "document_state"),
}


def _by_number(connection: duckdb.DuckDBPyConnection, number: str, is_sure: str, given: str) -> None:
    """Those who have the number; where there are none, those who have it but for one slip."""
    asked = connection.execute(f"SELECT {NUMBER.format('$given')}", {"given": given}).fetchall()[0][0]
    for condition in ("number = $asked", SLIP.format("number", "$asked")):
        query = BY_NUMBER.format(number=number, is_sure=is_sure, condition=condition)
        connection.execute(query, {"asked": asked})
        if connection.execute("SELECT count(*) FROM fitting").fetchall()[0][0]:
            return


def _by_name(connection: duckdb.DuckDBPyConnection, question: Question) -> None:
    connection.execute(SPELLINGS, {"born": question.born, "name": question.name})
    create_dictionary(connection, DICTIONARY)
    create_macros(connection)
    names = f"(SELECT DISTINCT name_id, {', '.join(FIELDS)} FROM spelling)"
    add_parts(connection, DICTIONARY, names)
    connection.execute(BY_NAME.format(keys=name_keys(DICTIONARY, names), least=LEAST_NAME))
