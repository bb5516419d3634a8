"""The manifest is whole whenever it is read, also after a kill in the middle of a write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.modelling import parsing
from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import Settings
from pipelines.storage import Home

KEYS = {"registry": "r", "asylum": "s", "analysis": "a"}


def test_a_manifest_that_was_cut_is_made_anew_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path / "home", keys=KEYS)
    monkeypatch.setattr(parsing, "CACHE", tmp_path / "target" / parsing.CACHE.name)
    monkeypatch.setattr(parsing, "_PARSED", {})
    path = prepare_manifest(settings)
    whole = path.read_bytes()
    assert json.loads(whole)["nodes"]
    assert [left.name for left in Home(settings.home).dbt_target.iterdir()] == [path.name], "dbt writes elsewhere"
    for cut in (b"", whole[: len(whole) // 2]):
        path.write_bytes(cut)
        assert prepare_manifest(settings).read_bytes() == whole
    said = capsys.readouterr().err
    assert said.count(f"{path} is cut or damaged") == 2

    [kept] = (tmp_path / "target").glob("manifest.*.json")
    kept.write_bytes(whole[: len(whole) // 2])
    path.unlink()
    parsing._PARSED.clear()
    assert json.loads(prepare_manifest(settings).read_text(encoding="utf-8"))["nodes"].keys() == (
        json.loads(whole)["nodes"].keys()
    )
    assert json.loads(kept.read_bytes())
    assert f"{kept} is cut or damaged" in capsys.readouterr().err
