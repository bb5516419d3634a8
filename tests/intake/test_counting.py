"""The independent counter and the exact splitter tell the same of every text."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.container import CountedText, NeedsExactPathError
from pipelines.intake.csv_text import read_csv
from pipelines.intake.delivery import Landed, Manifest
from pipelines.intake.exact import Splitter
from pipelines.intake.oddities import ODD, VIRUS
from tests.intake.intake_world import small_contract

PYTHON_ODD = re.sub(r"\\x\{(\w+)\}", lambda code: f"\\U{int(code[1], 16):08x}", ODD)
texts = st.text(st.sampled_from('ab,;"\n\r Ж'), max_size=60)
tables = st.lists(
    st.lists(st.text(st.sampled_from('ab,"\n Ж'), max_size=5), min_size=2, max_size=3), min_size=1, max_size=8
)

strange = st.text(
    st.sampled_from('ab ,"\n\tЖ\u00a0\u00ad\u0301\u200b\u202e\u2060\ufeff\x07\x7féÐР°›☺\ue000😀'), max_size=6
)


def in_parts(content: bytes, size: int) -> Iterator[bytes]:
    return (content[n : n + size] for n in range(0, len(content), size))


def counted(content: bytes, size: int) -> tuple[int, bytes]:
    """Records that the counter finds and the text that it hands on."""
    stream = CountedText(in_parts(content, size), "utf-8", ",", hashlib.sha256())
    passed = stream.readall()
    return stream.records, passed or b""


def quoted(table: list[list[str]], end: str) -> str:
    return "".join(",".join('"' + value.replace('"', '""') + '"' for value in row) + end for row in table)


@settings(derandomize=True, deadline=None, database=None, max_examples=1500)
@given(texts, st.integers(1, 12))
def test_what_the_counter_believes_the_splitter_confirms(text: str, size: int) -> None:
    content = text.encode()
    try:
        found, passed = counted(content, size)
    except NeedsExactPathError:
        return
    records = list(Splitter(",", "utf-8").records(in_parts(content, size)))
    assert found == len(records)
    assert all(not record.reason for record in records)
    assert passed == content


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(tables, st.sampled_from(("\n", "\r\n")), st.integers(1, 40))
def test_the_counter_believes_every_well_quoted_text(table: list[list[str]], end: str, size: int) -> None:
    content = quoted(table, end).encode()
    assert counted(content, size)[0] == len(table)
    fields = [list(record.fields) for record in Splitter(",", "utf-8").records(in_parts(content, size))]
    assert fields == table


@settings(derandomize=True, deadline=None, database=None, max_examples=600)
@given(st.lists(st.tuples(strange, strange).map(list), min_size=1, max_size=6), st.booleans(), st.integers(1, 40))
def test_the_counter_suspects_every_record_that_holds_something_odd(
    table: list[list[str]], is_bare: bool, size: int
) -> None:
    bare = [[re.sub('[,"\n]', "", value) for value in row] for row in table]
    text = "".join(",".join(row) + "\n" for row in bare) if is_bare else quoted(table, "\n")
    stream = CountedText(in_parts(text.encode(), size), "utf-8", ",", hashlib.sha256())
    stream.readall()
    told = stream.suspects(0, stream.records)
    records = [record.fields for record in Splitter(",", "utf-8").records(iter([text.removeprefix("\ufeff").encode()]))]
    odd = [re.search(PYTHON_ODD, "\n".join(["", *fields, ""])) is not None for fields in records]
    assert [ordinal for ordinal, is_odd in enumerate(odd) if is_odd and not told[ordinal]] == []


def test_the_counter_suspects_the_virus_test_string_alone() -> None:
    rows = ["a,b", f"c,{VIRUS}", "d,EICAR", "e,f"]
    for size in (1, 7, 1000):
        stream = CountedText(in_parts("\n".join(rows).encode(), size), "utf-8", ",", hashlib.sha256())
        stream.readall()
        assert stream.suspects(0, 4).tolist() == [False, True, False, False]


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(texts)
def test_the_splitter_loses_no_byte(text: str) -> None:
    content = text.encode()
    records = Splitter(",", "utf-8").records(iter([content]))
    kept = b"".join(record.raw for record in records)
    assert kept.translate(None, b"\r\n") == content.translate(None, b"\r\n")


@settings(derandomize=True, deadline=None, database=None, max_examples=400)
@given(tables, texts)
def test_the_fast_path_reads_what_the_exact_path_reads(table: list[list[str]], tail: str) -> None:
    content = ("id,note\n" + quoted([row[:2] for row in table], "\n") + tail).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visits_20260301_001.csv"
        path.write_bytes(content)
        contract = small_contract("visits", encodings=["utf-8"])
        landed = Landed(contract, path.name, path, "", True, datetime(2026, 3, 1, tzinfo=UTC))
        manifest = Manifest(feed="visits", business_date=date(2026, 3, 1), rows=0, sha256="0" * 64, delimiter=",")
        exact = read_csv(landed, manifest, exact=True)
        slow = [row for batch in exact.batches for row in batch.select(["c0", "c1", "_row"]).to_pylist()]
        try:
            fast = read_csv(landed, manifest, exact=False)
            quick = [row for batch in fast.batches for row in batch.select(["c0", "c1", "_row"]).to_pylist()]
        except (NeedsExactPathError, pa.ArrowInvalid):
            return
        assert (quick, fast.records, fast.sha256) == (slow, exact.records, exact.sha256)
        assert not exact.bad
