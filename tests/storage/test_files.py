"""Files that are written whole, by several writers too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.settings import Settings
from pipelines.storage import Home, faults, files
from pipelines.storage.files import UNFINISHED, append_line, point_link, write_whole
from pipelines.storage.keys import make_missing_keys


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked of the disk, in order: killing a process shows nothing of it, the memory of the machine stays."""
    found: list[tuple[str, str]] = []
    rename, sync = Path.replace, os.fsync

    def noted_sync(handle: int) -> None:
        found.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        sync(handle)

    def noted_rename(path: Path, target: Path) -> Path:
        found.append(("rename", str(target)))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_rename)
    return found


def test_file_is_on_the_disk_before_it_has_its_name_and_then_the_name_is(
    asked: list[tuple[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "file.yml"
    write_whole(path, b"new", "file")
    (first, beside), *rest = asked
    assert first == "sync" and beside.endswith(UNFINISHED)
    assert rest == [("rename", str(path)), ("sync", str(tmp_path))]


def test_link_and_line_are_on_the_disk_before_the_next_step(asked: list[tuple[str, str]], tmp_path: Path) -> None:
    link, lines = tmp_path / "link", tmp_path / "lines"
    point_link(link, tmp_path / "target", "link")
    append_line(lines, "line", "line")
    assert asked == [("rename", str(link)), ("sync", str(tmp_path)), ("sync", str(lines))]


def test_link_that_cannot_be_turned_points_where_it_did(tmp_path: Path) -> None:
    link = tmp_path / "link"
    point_link(link, tmp_path / "old", "link")
    faults.arm("link.rename:1:io")
    try:
        with pytest.raises(OSError, match="link"):
            point_link(link, tmp_path / "new", "link")
    finally:
        faults.arm("")
    assert link.readlink() == Path("old")
    point_link(link, tmp_path / "new", "link")
    assert link.readlink() == Path("new")


def test_keys_that_stood_when_making_them_was_stopped_stay(tmp_path: Path) -> None:
    home, settings = Home(tmp_path), Settings(home=tmp_path)
    faults.arm("keys.rename:2:full")
    try:
        with pytest.raises(OSError, match="keys"):
            make_missing_keys(settings)
    finally:
        faults.arm("")
    (first,) = home.keys.iterdir()
    key = first.read_text()
    assert len(make_missing_keys(settings)) == 2
    assert first.read_text() == key
