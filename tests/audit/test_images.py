"""The chain as it is published: looks by person, what was handed out, counts."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.audit import Disclosure, Look, account, hashed, images, log
from pipelines.audit.chain import check, entries
from pipelines.settings import Settings
from pipelines.storage import Home, open_memory

WHEN = datetime(2026, 3, 1, 20, tzinfo=UTC)


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_looks_answers_and_disclosures_come_out_as_they_were_logged(tmp_path: Path) -> None:
    settings = Settings(tmp_path, keys={"registry": "key"})
    path = Home(tmp_path).access_log
    question = hashed(settings, "document=N12345678")
    asked = log(settings, Look("find", "border", "C-1", question=question), lambda: WHEN)
    asked.answered(2, ["p1", "p2"])
    handed = log(settings, Look("statement", "person_request", "C-2", persons=["p1"]), lambda: WHEN)
    handed.answered(9, disclosure=Disclosure("person", "person_request", "f00d"))
    log(settings, Look("sql", "court", "C-3", question=question), lambda: WHEN)
    with open_memory() as connection:
        images.lay_out(connection, path)
        access = "SELECT number, command, case_number, person_id, question, rows_answered FROM access_rows ORDER BY ALL"
        assert rows(connection, access) == [
            (1, "find", "C-1", "p1", question, 2),
            (1, "find", "C-1", "p2", question, 2),
            (3, "statement", "C-2", "p1", None, 9),
            (5, "sql", "C-3", None, question, None),
        ]
        disclosed = 'SELECT recipient, basis, "rows", hash, look_number FROM disclosure_rows'
        assert rows(connection, disclosed) == [("person", "person_request", 9, "f00d", 3)]
        assert rows(connection, "SELECT period, purpose, command, looks FROM access_count_rows ORDER BY command") == [
            ("2026-03", "border", "find", 1),
            ("2026-03", "court", "sql", 1),
            ("2026-03", "person_request", "statement", 1),
        ]
        hashes = rows(connection, "SELECT DISTINCT number, hash FROM access_rows ORDER BY ALL")
    assert hashes == [(head.count, head.hash) for head, entry in entries(path) if entry["what"] == "look"]
    assert b"N12345678" not in path.read_bytes()
    assert check(path).problems == []


def test_an_empty_chain_has_empty_images(tmp_path: Path) -> None:
    with open_memory() as connection:
        images.lay_out(connection, tmp_path / "access.jsonl")
        assert rows(connection, "FROM access_rows UNION ALL BY NAME FROM access_count_rows") == []


def test_who_looks_is_the_account_that_logged_in_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")
    own, login = pwd.getpwuid(os.getuid()).pw_name, tmp_path / "loginuid"
    assert account(login) == own, "where the kernel does not say"
    login.write_text(str(2**32 - 1))
    assert account(login) == own, "where nobody logged in"
    login.write_text("1")
    assert account(login) == pwd.getpwuid(1).pw_name
    login.write_text("4000000000")
    assert account(login) == "4000000000"


def test_the_keyed_hash_is_of_the_home(tmp_path: Path) -> None:
    one, other = (Settings(tmp_path, keys={"registry": key}) for key in ("one", "other"))
    assert hashed(one, "q") == hashed(one, "q") != hashed(other, "q")
