"""What a connection of the centre may do and what it may not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from pipelines.modelling import running
from pipelines.settings import Settings
from pipelines.storage import Home, database, open_build, open_memory
from pipelines.storage.database import (
    DamagedDatabaseError,
    httpfs_path,
    on_threads,
    verify_extension,
    without_optimizers,
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    Home(tmp_path).prepare()
    with open_memory(Settings(home=tmp_path)) as connection:
        yield connection


def test_an_extension_without_a_signature_is_refused_for_good(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchall() == [(False,)]
    with pytest.raises(duckdb.InvalidInputException, match="Cannot change"):
        connection.execute("SET allow_unsigned_extensions = true")


def test_a_packaged_extension_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = bytearray(httpfs_path().read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / httpfs_path().name).write_bytes(changed)
    monkeypatch.setattr(database, "httpfs_path", lambda: tmp_path / httpfs_path().name)
    verify_extension.cache_clear()
    with pytest.raises(duckdb.IOException, match="signature"), open_memory(Settings(home=tmp_path)):
        pass


def test_a_memory_limit_above_the_memory_of_the_machine_is_taken(tmp_path: Path) -> None:
    with open_memory(Settings(home=tmp_path, memory_limit="10000GB")) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("9.0 TiB",)]


def test_a_process_with_several_open_databases_can_start_another(tmp_path: Path) -> None:
    with ExitStack() as opened:
        for _ in range(4):
            opened.enter_context(open_memory(Settings(home=tmp_path)))
        assert subprocess.run([sys.executable, "-c", ""], preexec_fn=os.getpgrp, check=False).returncode == 0


def threads(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("SELECT current_setting('threads')").fetchall()[0][0])


def test_rows_that_are_alike_are_all_ranked(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE person AS SELECT 1 AS state, 'Айша' AS name")
    connection.execute("CREATE TABLE entry AS SELECT unnest([10, 20]) AS day, 1 AS state")
    first = "SELECT name FROM person JOIN entry USING (state) QUALIFY row_number() OVER (ORDER BY day) <= 2"
    with connection.cursor() as beside, without_optimizers(connection, "build_side_probe_side"):
        assert connection.execute(first).fetchall() == beside.execute(first).fetchall() == [("Айша",), ("Айша",)]
    assert connection.execute(first).fetchall() == [("Айша",), ("Айша",)]


def test_the_threads_come_back_after_a_failed_transaction(connection: duckdb.DuckDBPyConnection) -> None:
    before = threads(connection)
    with pytest.raises(duckdb.ConversionException), on_threads(connection, 1):
        assert threads(connection) == 1
        connection.begin()
        connection.execute("SELECT CAST('no number' AS INTEGER)")
    connection.rollback()
    assert threads(connection) == before > 1


def test_a_block_that_was_changed_is_told_as_damage_and_not_as_a_wrong_key(tmp_path: Path) -> None:
    """The engine asks for the right key where an encrypted block is not what was written."""
    settings = Settings(home=tmp_path, keys={"registry": "r" * 8})
    Home(tmp_path).prepare()
    with open_build(settings) as build:
        build.execute("CREATE TABLE person AS SELECT hash(range) AS value FROM range(500000)")
        build.execute("CHECKPOINT build")
    path = Home(tmp_path).database
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedDatabaseError, match="mic rebuild --replace") as told, open_build(settings) as build:
        build.execute("SELECT sum(value) FROM person").fetchall()
    assert "key" not in str(told.value)


def test_a_model_that_met_a_changed_block_is_not_what_is_to_be_mended() -> None:
    node = SimpleNamespace(resource_type="model", schema="registry", name="person")
    said = (
        "Runtime Error in model person\n  Invalid Input Error: Computed AES tag differs, are you using the right key?"
    )
    one = SimpleNamespace(node=node, status="error", failures=None, execution_time=1.0, message=said)
    with pytest.raises(DamagedDatabaseError):
        running._results(SimpleNamespace(result=SimpleNamespace(results=[one])))
