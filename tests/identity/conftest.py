"""A register small enough to read: observations, the records that carry them, and stewards' verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from pipelines.identity import LinkCounts, link, load_model
from pipelines.identity.model import Model
from pipelines.storage import Home, open_memory

TABLES = """
CREATE SCHEMA intermediate; CREATE SCHEMA staging; CREATE SCHEMA raw;
CREATE TABLE intermediate.observation (observation_id UBIGINT, surname VARCHAR, given_names VARCHAR, patronymic VARCHAR,
  full_name VARCHAR, former_names VARCHAR, surname_latin VARCHAR, given_names_latin VARCHAR, birth_date VARCHAR,
  sex VARCHAR, citizenship VARCHAR, birth_country VARCHAR, document_number VARCHAR, document_state VARCHAR, iin VARCHAR,
  iin_verified BOOLEAN, is_sufficient BOOLEAN, first_load_seq INTEGER);
CREATE TABLE intermediate.source_record_history (feed VARCHAR, record_id VARCHAR, observation_id UBIGINT,
  happened_on DATE, known_from_seq INTEGER, known_to_seq INTEGER);
CREATE VIEW intermediate.source_record AS FROM intermediate.source_record_history WHERE known_to_seq IS NULL;
CREATE TABLE raw.steward_decisions (decision_id VARCHAR, decided_at TIMESTAMPTZ, left_feed VARCHAR,
  left_record_id VARCHAR,
  right_feed VARCHAR, right_record_id VARCHAR, verdict VARCHAR, load_seq INTEGER, known_from_seq INTEGER,
    known_to_seq INTEGER);
CREATE VIEW staging.stg_steward_decisions AS FROM raw.steward_decisions WHERE known_to_seq IS NULL;
"""


@dataclass(frozen=True)
class Seen:
    """One observation and the one record that carries it; the record's name is the observation's number."""

    number: int
    birth: str | None = "1980-01-01"
    sex: str | None = "M"
    document: str | None = None
    state: str | None = "UZB"
    iin: str | None = None
    surname: str | None = None
    given: str | None = None
    patronymic: str | None = None
    former: str | None = None
    full_name: str | None = None
    citizenship: str | None = None


@dataclass(frozen=True)
class Verdict:
    """A steward's word on two records."""

    number: int
    left: int
    right: int
    verdict: str


@dataclass
class Register:
    """Loads facts and links them, one load after the other."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    load_seq: int = 0
    counts: list[LinkCounts] = field(default_factory=list)
    model: Model = field(default_factory=load_model)

    def load(self, *facts: Seen | Verdict, withdrawn: tuple[int, ...] = ()) -> LinkCounts:
        """Runs one load that brings the facts and withdraws the records."""
        self.load_seq += 1
        for fact in facts:
            self._add(fact)
        for number in withdrawn:
            self.connection.execute(
                "UPDATE intermediate.source_record_history SET known_to_seq = $1 WHERE record_id = $2",
                [self.load_seq, str(number)],
            )
        self.counts.append(link(self.connection, self.home, self.load_seq, "secret", self.model))
        return self.counts[-1]

    def _add(self, fact: Seen | Verdict) -> None:
        seq = self.load_seq
        if isinstance(fact, Verdict):
            values = [str(fact.number), fact.number, str(fact.left), str(fact.right), fact.verdict, seq, seq]
            self.connection.execute(
                "INSERT INTO raw.steward_decisions "
                "VALUES ($1, make_timestamptz($2), 'f', $3, 'f', $4, $5, $6, $7, NULL)",
                values,
            )
            return
        row = {
            "observation_id": fact.number,
            "surname": fact.surname,
            "given_names": fact.given,
            "patronymic": fact.patronymic,
            "former_names": fact.former,
            "full_name": fact.full_name,
            "birth_date": fact.birth,
            "sex": fact.sex,
            "citizenship": fact.citizenship,
            "document_number": fact.document,
            "document_state": fact.state,
            "iin": fact.iin,
            "iin_verified": fact.iin is not None,
            "is_sufficient": any((fact.birth, fact.document, fact.iin)),
            "first_load_seq": seq,
        }
        names, places = ", ".join(row), ", ".join(f"${name}" for name in row)
        self.connection.execute(f"INSERT INTO intermediate.observation ({names}) VALUES ({places})", row)
        self.connection.execute(
            "INSERT INTO intermediate.source_record_history VALUES ('f', $1, $2, NULL, $3, NULL)",
            [str(fact.number), fact.number, seq],
        )

    def persons(self) -> set[frozenset[int]]:
        """The observations of each person; observations without a person are left out."""
        rows = self.connection.execute(
            "SELECT list(observation_id) FROM linkage.person_observation "
            "WHERE known_to_seq IS NULL AND person_id IS NOT NULL GROUP BY person_id"
        ).fetchall()
        return {frozenset(numbers) for (numbers,) in rows}

    def person(self, number: int, known_seq: int | None = None) -> str | None:
        """The person of an observation as known at a load."""
        seq = known_seq or self.load_seq
        rows = self.connection.execute(
            "SELECT person_id FROM linkage.person_observation WHERE observation_id = $1 AND known_from_seq <= $2 "
            "AND (known_to_seq IS NULL OR known_to_seq > $2)",
            [number, seq],
        ).fetchall()
        assert len(rows) <= 1
        return rows[0][0] if rows else None


def make_register(folder: Path, connection: duckdb.DuckDBPyConnection) -> Register:
    """An empty register."""
    home = Home(folder)
    home.prepare()
    connection.execute(TABLES)
    return Register(connection, home)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """An empty register for one test."""
    with open_memory() as connection:
        yield make_register(tmp_path, connection)
