"""A register small enough to read: observations, the records that carry them, and stewards' verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
  right_feed VARCHAR, right_record_id VARCHAR, verdict VARCHAR, reason VARCHAR, load_seq INTEGER,
  known_from_seq INTEGER, known_to_seq INTEGER);
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
    reason: str = "seen both"


@dataclass
class Register:
    """Loads facts and links them, one load after the other."""

    connection: duckdb.DuckDBPyConnection
    home: Home
    load_seq: int = 0
    counts: list[LinkCounts] = field(default_factory=list)
    model: Model = field(default_factory=load_model)

    def load(
        self,
        *facts: Seen | Verdict,
        withdrawn: tuple[int, ...] = (),
        carried: Mapping[int, Seen | None] | None = None,
    ) -> LinkCounts:
        """Runs one load that brings the facts, withdraws records and says whom others carry now, nobody with None."""
        self.load_seq += 1
        for fact in facts:
            if isinstance(fact, Verdict):
                self._judge(fact)
            else:
                self._carry(fact.number, fact)
        for number, paper in (dict.fromkeys(withdrawn) | dict(carried or {})).items():
            self._carry(number, paper)
        self.counts.append(link(self.connection, self.home, self.load_seq, "secret", self.model))
        return self.counts[-1]

    def _judge(self, fact: Verdict) -> None:
        values = [str(fact.number), fact.number, str(fact.left), str(fact.right), fact.verdict, fact.reason]
        self.connection.execute(
            """INSERT INTO raw.steward_decisions
            VALUES ($1, make_timestamptz($2), 'f', $3, 'f', $4, $5, $6, $7, $7, NULL)""",
            [*values, self.load_seq],
        )

    def _carry(self, record: int, paper: Seen | None) -> None:
        """The record is from now on of this observation, or of none."""
        self.connection.execute(
            """UPDATE intermediate.source_record_history SET known_to_seq = $1
            WHERE record_id = $2 AND known_to_seq IS NULL""",
            [self.load_seq, str(record)],
        )
        if paper is None:
            return
        self._observe(paper)
        self.connection.execute(
            "INSERT INTO intermediate.source_record_history VALUES ('f', $1, $2, NULL, $3, NULL)",
            [str(record), paper.number, self.load_seq],
        )

    def _observe(self, paper: Seen) -> None:
        row = {
            "observation_id": paper.number,
            "surname": paper.surname,
            "given_names": paper.given,
            "patronymic": paper.patronymic,
            "former_names": paper.former,
            "full_name": paper.full_name,
            "birth_date": paper.birth,
            "sex": paper.sex,
            "citizenship": paper.citizenship,
            "document_number": paper.document,
            "document_state": paper.state,
            "iin": paper.iin,
            "iin_verified": paper.iin is not None,
            "is_sufficient": any((paper.birth, paper.document, paper.iin)),
            "first_load_seq": self.load_seq,
        }
        names, places = ", ".join(row), ", ".join(f"${name}" for name in row)
        self.connection.execute(
            f"""INSERT INTO intermediate.observation ({names}) SELECT {places}
            WHERE $observation_id NOT IN (SELECT observation_id FROM intermediate.observation)""",
            row,
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
