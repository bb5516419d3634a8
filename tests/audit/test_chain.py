"""What is done to a chain of looks shows: edit, deletion, insertion, disorder, a cut end, a chain written anew."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.audit.chain import Head, append, check, entries, read_head
from pipelines.storage import faults

Lines = list[bytes]
FEW = settings(derandomize=True, deadline=None, database=None)
TEXTS = st.dictionaries(st.sampled_from(["who", "case", "asked"]), st.text(max_size=20), min_size=1)
LOOKS = st.lists(TEXTS, min_size=1, max_size=8)


@pytest.fixture(scope="module", autouse=True)
def unsynced() -> Iterator[None]:
    """Nothing waits for the disk: what is asked here is what lines say, of thousands of chains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


def edit(lines: Lines, data: st.DataObject) -> Lines:
    place = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[place]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda new: new != lines[place][at]))
    return [*lines[:place], lines[place][:at] + bytes([byte]) + lines[place][at + 1 :], *lines[place + 1 :]]


def deletion(lines: Lines, data: st.DataObject) -> Lines:
    place = data.draw(st.integers(0, len(lines) - 1))
    return lines[:place] + lines[place + 1 :]


def insertion(lines: Lines, data: st.DataObject) -> Lines:
    place = data.draw(st.integers(0, len(lines) - 1))
    line = data.draw(st.sampled_from([*lines, b'{"number":1,"what":"look","before":""}', b"", b"torn"]))
    return [*lines[:place], line, *lines[place:]]


def swapped(lines: Lines, data: st.DataObject) -> Lines:
    one, other = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True))
    moved = list(lines)
    moved[one], moved[other] = lines[other], lines[one]
    return moved


def cut(lines: Lines, data: st.DataObject) -> Lines:
    return lines[: data.draw(st.integers(0, len(lines) - 1))]


def written_anew(lines: Lines, data: st.DataObject) -> Lines:
    looks = [json.loads(line) for line in lines]
    data.draw(st.sampled_from(looks))["who"] = "nobody"
    return chain_of(looks)


def chain_of(looks: list[dict[str, str]]) -> Lines:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        for look in looks:
            append(path, {name: value for name, value in look.items() if name not in ("number", "before")})
        return path.read_bytes().splitlines()


def checked(lines: Lines, kept: Head) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return check(path, kept.hash, kept.count).problems


@FEW
@given(looks=LOOKS)
def test_an_untouched_chain_holds_with_every_head_that_it_had(looks: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        heads = [Head(), *(append(path, look) for look in looks)]
        for head in heads:
            assert check(path, head.hash, head.count).problems == []
            assert check(path, head.hash).problems == check(path, count=head.count).problems == []
        assert check(path).head == read_head(path) == heads[-1]
        assert [entry["number"] for _, entry in entries(path)] == list(range(1, len(looks) + 1))


@pytest.mark.parametrize("harm", [edit, deletion, insertion, swapped, cut, written_anew])
@FEW
@given(looks=st.lists(TEXTS, min_size=2, max_size=8), data=st.data())
def test_harm_is_found_with_the_head_that_was_kept(
    harm: Callable[[Lines, st.DataObject], Lines], looks: list[dict[str, str]], data: st.DataObject
) -> None:
    lines = chain_of(looks)
    kept = Head(len(lines), head_of(lines))
    assert checked(lines, kept) == []
    assert checked(harm(lines, data), kept) != []


@pytest.mark.parametrize("harm", [edit, deletion, insertion, swapped])
@FEW
@given(looks=st.lists(TEXTS, min_size=2, max_size=8), data=st.data())
def test_harm_before_the_last_line_is_found_by_the_chain_itself(
    harm: Callable[[Lines, st.DataObject], Lines], looks: list[dict[str, str]], data: st.DataObject
) -> None:
    lines = chain_of([*looks, {"who": "the last"}])
    assert checked([*harm(lines[:-1], data), lines[-1]], Head()) != []


def head_of(lines: Lines) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return read_head(path).hash


@FEW
@given(looks=LOOKS, data=st.data())
def test_a_cut_at_any_byte_is_found_but_for_the_end_of_the_last_line(
    looks: list[dict[str, str]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        kept = [append(path, look) for look in looks][-1]
        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 2))])
        assert check(path, kept.hash, kept.count).problems != []
        path.write_bytes(whole[:-1])
        assert check(path, kept.hash, kept.count).problems == [], "the line itself is whole"


def test_a_head_without_its_number_is_found_anywhere_in_the_chain(tmp_path: Path) -> None:
    heads = [append(tmp_path / "chain", {"what": "look"}) for _ in range(3)]
    assert check(tmp_path / "chain", heads[1].hash).problems == []
    assert check(tmp_path / "chain", "f" * 64).problems != []
    assert check(tmp_path / "chain", heads[1].hash, 3).problems != []
    assert check(tmp_path / "chain", count=4).problems != []


@pytest.mark.parametrize("left", [1, 20, -2, -1])
def test_a_line_that_a_power_cut_left_is_ended_and_told(left: int, tmp_path: Path) -> None:
    path = tmp_path / "chain"
    append(path, {"what": "look"})
    whole = path.read_bytes()
    append(path, {"what": "look", "who": "never answered"})
    path.write_bytes(path.read_bytes()[: len(whole) + left if left > 0 else left])
    torn = path.read_bytes()
    kept = append(path, {"what": "look", "who": "next"})
    assert path.read_bytes().startswith(torn), "nothing is taken out of the file"
    assert check(path, kept.hash, kept.count).problems == []
    what = {entry["number"]: entry["what"] for _, entry in entries(path)}
    whole_but_for_its_end = {1: "look", 2: "look", 3: "look"}
    assert what == (whole_but_for_its_end if left == -1 else {1: "look", 3: "torn", 4: "look"})


def test_a_chain_longer_than_a_block_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "chain"
    for size in (10, 70_000, 140_000, 10):
        append(path, {"what": "look", "case": "x" * size})
        assert read_head(path) == check(path).head
    assert check(path).problems == []


@pytest.mark.parametrize("point", ["audit.write", "audit.fsync"])
def test_a_line_that_cannot_be_written_is_an_error(point: str, tmp_path: Path) -> None:
    faults.arm(f"{point}:1:full")
    try:
        with pytest.raises(OSError):
            append(tmp_path / "chain", {"what": "look"})
    finally:
        faults.arm("")
    append(tmp_path / "chain", {"what": "look"})
    assert check(tmp_path / "chain").problems == []


def test_the_chain_is_private(tmp_path: Path) -> None:
    append(tmp_path / "chain", {"what": "look"})
    assert (tmp_path / "chain").stat().st_mode & 0o777 == 0o600


def test_lines_of_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_many, [tmp_path / "chain"] * 4))
    found = check(tmp_path / "chain")
    assert (found.head.count, found.problems) == (100, [])


def write_many(path: Path) -> None:
    for number in range(25):
        append(path, {"what": "look", "who": f"{os.getpid()} {number}"})
