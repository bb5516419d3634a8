"""Files that are larger than what is in memory, and larger than what is read at all."""

from __future__ import annotations

import gzip
import hashlib
import json
import multiprocessing
import random
import resource
import shutil
import string
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import Contract
from pipelines.intake import container, judged
from pipelines.intake.delivery import RejectedError
from pipelines.intake.judged import BATCH_ROWS
from pipelines.storage import faults, files
from tests.intake.intake_world import Centre, Sent, crossings, packed, sent, small_contract, visits

MEGABYTE = 1 << 20
ROWS_OF_4_KB = 500_000
ROOM_NEEDED = 12 << 30
CANARY = "Канарейкин"


@pytest.mark.parametrize("kind", ["csv.gz", "csv.zst", "csv", "jsonl.gz"])
def test_text_beyond_the_limit_is_refused_while_it_is_read(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "LARGEST_TEXT", 3 * MEGABYTE)
    line = b'{"id": "1"}\n' if kind.startswith("jsonl") else b"1,one\n"
    header = b"" if kind.startswith("jsonl") else b"id,note\n"
    below, beyond = (packed(header + line * (size // len(line)), kind) for size in (2 * MEGABYTE, 9 * MEGABYTE))
    centre = Centre(tmp_path, {"visits": small_contract("visits")})
    small = centre.land(sent(visits(A="one"), kind, feed="visits"))
    large = centre.land(Sent(beyond, 1, kind, feed="visits", sequence=2))
    centre.load()
    assert centre.counts(small) == ("accepted", 1, 0, 0)
    assert centre.verdict(large)["reason"] == "ratio"
    centre.close()
    assert read_of(tmp_path / f"below.{kind}", below) > 2 * MEGABYTE - len(line)
    assert read_of(tmp_path / f"beyond.{kind}", beyond) <= 3 * MEGABYTE


def read_of(path: Path, content: bytes) -> int:
    """Bytes that are handed on of a file before it ends or is refused."""
    path.write_bytes(content)
    read = 0
    chunks = container.unpacked_chunks(path, hashlib.sha256())
    while True:
        try:
            read += len(next(chunks))
        except (StopIteration, RejectedError):
            return read


def contract() -> Contract:
    columns = [
        {"name": "id", "type": "text", "required": True, "meaning": "Number."},
        {"name": "note", "type": "text", "max_length": 5000, "meaning": "Long text."},
    ]
    return small_contract("visits", columns=columns)


def write_two_gigabytes(folder: Path, kind: str) -> None:
    """A packed delivery of rows of four kilobytes each."""
    drawn = random.Random(1)
    notes = ["".join(drawn.choices(string.ascii_letters, k=200)) * 20 for _ in range(500)]
    folder.mkdir(parents=True)
    path = folder / f"visits_20260301_001.{kind}"
    line = "{0},{1}\n" if kind.startswith("csv") else '{{"id": "{0}", "note": "{1}"}}\n'
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"id,note\n" if kind.startswith("csv") else b"")
        for first in range(0, ROWS_OF_4_KB, len(notes)):
            file.write("".join(line.format(first + n, note) for n, note in enumerate(notes)).encode())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {"feed": "visits", "business_date": "2026-03-01", "rows": ROWS_OF_4_KB, "sha256": digest}
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(manifest))


def take_in(root: Path, kind: str) -> None:
    """What the child does: one load; fails where its memory grew beyond two gigabytes."""
    centre = Centre(root, {"visits": contract()})
    centre.connection.execute("SET memory_limit = '1GB'")
    centre.load()
    assert centre.counts(f"visits_20260301_001.{kind}") == ("accepted", ROWS_OF_4_KB, 0, 0)
    centre.close()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert largest < 2 << 30, f"{largest >> 20} MiB"


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv.gz", "jsonl.gz"])
def test_two_gigabytes_are_taken_in_within_bounded_memory(tmp_path: Path, kind: str) -> None:
    if shutil.disk_usage(tmp_path).free < ROOM_NEEDED:
        pytest.skip("needs 12 GB of disk")
    write_two_gigabytes(tmp_path / "landing" / "visits", kind)
    child = multiprocessing.get_context("spawn").Process(target=take_in, args=(tmp_path, kind))
    child.start()
    child.join()
    assert child.exitcode == 0


@pytest.mark.parametrize("in_memory", [judged.IN_MEMORY, 0])
def test_rows_that_do_not_fit_into_memory_get_the_same_verdicts(tmp_path: Path, in_memory: int) -> None:
    good, first, second = crossings("A", 20), crossings("B", 2), crossings("C", 2)
    rows = [*good, good[0], *first, first[0] | {"surname": "Басқа"}, second[0] | {"direction": ""}]
    rows += [second[1] | {"purpose": "exploration"}]
    centre = Centre(tmp_path)
    centre.in_memory = in_memory
    name, other = centre.land(sent(rows)), centre.land(sent(crossings("D", 30), sequence=2))
    centre.load()
    assert centre.counts(name) == ("accepted", 22, 3, 1)
    assert centre.counts(other) == ("accepted", 30, 0, 0)
    accepted = [row["event_id"] for row in [*good, first[1], second[1], *crossings("D", 30)]]
    assert centre.rows("SELECT record_id FROM raw.border_crossings ORDER BY record_id") == [(one,) for one in accepted]
    assert centre.rows("SELECT record_id, line_number, reasons FROM quality.quarantine ORDER BY line_number") == [
        ("B-001", 23, ["record_id_conflict"]),
        ("B-001", 25, ["record_id_conflict"]),
        ("C-001", 26, ["missing_required:direction"]),
    ]
    assert centre.rows("SELECT column_name, value, row_count FROM quality.drift") == [("purpose", "exploration", 1)]
    assert list(centre.home.temporary.iterdir()) == []
    centre.close()


def many_canaries() -> list[dict[str, str]]:
    """Rows of which each bears the canary, more than one batch of the cast."""
    return [row | {"surname": CANARY} for row in crossings("A", BATCH_ROWS + 1_000)]


def test_rows_beyond_memory_lie_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: dict[str, bool] = {}

    def look(point: str) -> None:
        if point in ("judged.write", "bronze.fsync"):
            for path in centre.home.temporary.rglob("*.parquet"):
                looked_at[path.name] = CANARY.encode() in path.read_bytes()

    monkeypatch.setattr(judged, "passage", look)
    monkeypatch.setattr(files, "passage", look)
    centre = Centre(tmp_path)
    centre.in_memory = 0
    name = centre.land(sent(many_canaries()))
    centre.load()
    assert centre.counts(name)[:2] == ("accepted", BATCH_ROWS + 1_000)
    assert looked_at == {"judged.parquet": False, "0.parquet": True}, "what becomes bronze is in clear, nothing else"
    centre.close()


@pytest.mark.parametrize("kind", ["full", "io"])
def test_disk_that_fails_while_rows_are_written_beside_leaves_nothing(tmp_path: Path, kind: str) -> None:
    centre = Centre(tmp_path)
    centre.in_memory = 0
    name = centre.land(sent(many_canaries()))
    faults.arm(f"judged.write:2:{kind}")
    with pytest.raises(duckdb.Error, match=r"judged\.write"):
        centre.load()
    faults.arm("")
    assert [path for folder in (centre.home.temporary, centre.home.bronze) for path in folder.rglob("*")] == []
    assert centre.verdicts(name) == []
    assert centre.load() == 1
    assert centre.counts(name) == ("accepted", BATCH_ROWS + 1_000, 0, 0)
    centre.close()
