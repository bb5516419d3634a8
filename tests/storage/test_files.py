"""Files that are written whole, by several writers too."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.storage import files
from pipelines.storage.files import write_whole


def test_writer_that_comes_between_takes_nothing_from_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process prepares the same checkout while the first has written and not yet renamed."""
    path = tmp_path / "derived" / "file.yml"
    between: list[str] = []

    def second_writer(point: str) -> None:
        if point == "first.fsync":
            between.append(point)
            write_whole(path, b"of the second", "second")

    monkeypatch.setattr(files, "passage", second_writer)
    write_whole(path, b"of the first", "first", mode=0o644)
    assert between == ["first.fsync"]
    assert path.read_bytes() == b"of the first"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("point", ["write", "fsync", "rename"])
def test_write_that_fails_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    path = tmp_path / "file.yml"
    write_whole(path, b"old", "file")

    def disk(found: str) -> None:
        if found == f"file.{point}":
            raise OSError(found)

    monkeypatch.setattr(files, "passage", disk)
    with pytest.raises(OSError, match=point):
        write_whole(path, b"new", "file")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
