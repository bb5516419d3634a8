"""The chain of the identity ledger: whoever edits, takes out, moves or cuts is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.identity.sealing import chain_path, keep, ledger_path, problems
from pipelines.storage import Home

LOADS = (1, 2, 3)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.prepare()
    for load_seq in LOADS:
        _write(made, load_seq, f"load {load_seq}")
    return made


def _write(home: Home, load_seq: int, content: str) -> None:
    beside = home.temporary / "written"
    beside.write_text(content)
    keep(home, beside, ledger_path(home, load_seq), "identity")


def _edit(home: Home) -> None:
    ledger_path(home, 2).write_text("load 9")


def _delete(home: Home) -> None:
    ledger_path(home, 2).unlink()


def _swap(home: Home) -> None:
    one, other = ledger_path(home, 1), ledger_path(home, 2)
    first, second = one.read_text(), other.read_text()
    one.write_text(second)
    other.write_text(first)


def _put_in(home: Home) -> None:
    ledger_path(home, 4).write_text("load 4")


def _cut_chain(home: Home) -> None:
    lines = chain_path(home).read_text().splitlines(keepends=True)
    chain_path(home).write_text("".join(lines[:-1]))


def _cut_chain_and_files(home: Home) -> None:
    _cut_chain(home)
    ledger_path(home, 3).unlink()


def _reorder_chain(home: Home) -> None:
    first, second, *rest = chain_path(home).read_text().splitlines(keepends=True)
    chain_path(home).write_text("".join([second, first, *rest]))


def _edit_both(home: Home) -> None:
    _edit(home)
    text = chain_path(home).read_text()
    chain_path(home).write_text(text.replace(text.split('"sha256":"')[2][:64], "0" * 64))


@pytest.mark.parametrize(
    ("harm", "names"),
    [
        (_edit, "load-000002.parquet is altered"),
        (_delete, "load-000002.parquet is missing"),
        (_swap, "load-000001.parquet is altered"),
        (_put_in, "load-000004.parquet is in no line"),
        (_cut_chain, "load-000003.parquet is in no line"),
        (_cut_chain_and_files, "load-000003.parquet is missing"),
        (_reorder_chain, "line 1 bears the number 2"),
        (_edit_both, "line 3 does not follow line 2"),
    ],
)
def test_harm_is_found_by_name(home: Home, harm: Callable[[Home], None], names: str) -> None:
    assert problems(home, LOADS) == []
    harm(home)
    assert any(names in problem for problem in problems(home, LOADS))


def test_a_load_that_is_repeated_after_a_kill_has_one_line_and_an_open_one_needs_no_file(home: Home) -> None:
    _write(home, 3, "load 3")
    assert chain_path(home).read_text().count("\n") == len(LOADS)
    _write(home, 4, "load 4")
    ledger_path(home, 4).unlink()
    assert problems(home, LOADS) == []


def test_a_ledger_from_before_the_chain_is_taken_into_it(home: Home) -> None:
    chain_path(home).unlink()
    assert problems(home, LOADS)
    _write(home, 4, "load 4")
    assert problems(home, (*LOADS, 4)) == []
