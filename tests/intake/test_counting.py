"""The independent counter and the exact splitter tell the same of every text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.container import CountedText, NeedsExactPathError
from pipelines.intake.exact import Splitter

texts = st.text(st.sampled_from('ab,;"\n\r Ж'), max_size=60)
tables = st.lists(
    st.lists(st.text(st.sampled_from('ab,"\n Ж'), max_size=5), min_size=2, max_size=3), min_size=1, max_size=8
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


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(texts)
def test_the_splitter_loses_no_byte(text: str) -> None:
    content = text.encode()
    records = Splitter(",", "utf-8").records(iter([content]))
    kept = b"".join(record.raw for record in records)
    assert kept.translate(None, b"\r\n") == content.translate(None, b"\r\n")
