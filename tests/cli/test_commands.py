"""What every command owes its caller: help with an example, exit codes, a plain sentence instead of a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipelines.benchmarks import identity as identity_benchmarks
from pipelines.benchmarks import linking as linking_benchmarks
from pipelines.benchmarks import processes
from pipelines.cli import main
from pipelines.intake import Selection
from pipelines.labels import label
from pipelines.nightly import Night
from pipelines.reporting import strays
from pipelines.serving import HOST
from pipelines.settings import Settings
from pipelines.storage import Home, run_lock

PROMISED = {
    "demo",
    "nightly",
    "status",
    "simulate",
    "verify",
    "rebuild",
    "backup",
    "restore",
    "quarantine",
    "sql",
    "find",
    "statement",
    "explain",
    "review",
    "unmerge",
    "identity",
    "ui",
    "bench",
}


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*path, name))


def mic(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"MIC_HOME": str(home), "MIC_LOCK_WAIT": "0"})


@pytest.mark.parametrize("path", list(leaves(main)), ids=" ".join)
def test_help_shows_an_example(path: tuple[str, ...], tmp_path: Path) -> None:
    result = mic(tmp_path, *path, "--help")
    assert result.exit_code == 0
    assert "Example: mic" in result.output


def test_every_promised_command_is_there() -> None:
    assert set(main.commands) >= PROMISED


def test_wrong_use_is_exit_code_2(tmp_path: Path) -> None:
    for arguments in (
        ("nonsense",),
        ("rebuild",),
        ("rebuild", "--as-of", "0"),
        ("demo", "--days", "3", "--nights", "3"),
        ("bench", "communities", "--months", "10"),
        ("simulate", "--persons", "0"),
        ("simulate", "--days", "0"),
        ("simulate", "--crossings-per-day", "-1"),
        ("ui", "--port", "99999"),
    ):
        assert mic(tmp_path, *arguments).exit_code == 2, arguments


def test_a_status_says_that_its_home_is_no_folder(tmp_path: Path) -> None:
    assert "is MIC_HOME right?" in mic(tmp_path / "mistyped", "status").stdout
    assert "is MIC_HOME right?" not in mic(tmp_path, "status").stdout


def test_the_ui_is_not_started_at_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        result = mic(tmp_path, "ui", "--port", str(other.getsockname()[1]))
    assert result.exit_code == 1
    assert "--port" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_home_without_a_load_has_a_status_and_no_answer(tmp_path: Path) -> None:
    status = mic(tmp_path, "status", "--json")
    assert status.exit_code == 0
    assert json.loads(status.stdout)["release"] == {}
    for arguments in (
        ("sql", "SELECT 1"),
        ("verify",),
        ("quarantine", "list"),
        ("quarantine", "show", "treaties", "x"),
        ("sql", "--analysis", "SELECT 1"),
        ("find", "--document", "N1", "--purpose", "stay", "--case", "7"),
        ("review", "--purpose", "stewardship", "--case", "7"),
    ):
        result = mic(tmp_path, *arguments)
        assert result.exit_code == 1, arguments
        assert "mic demo" in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((), "person_request"),
        (("--purpose", "court"), "--case"),
        (("--case", "7"), "--purpose"),
        (("--purpose", "curiosity", "--case", "7"), "person_request"),
        (("--purpose", "court", "--case", "870315300126"), "IIN"),
        (("--purpose", "court", "--case", "Planted Person"), "number of a case"),
    ],
)
def test_a_look_at_persons_without_purpose_and_case_is_wrong_use(
    said: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    refused = mic(tmp_path, "sql", "--restricted", *said, "SELECT 1")
    assert refused.exit_code == 2
    assert told in refused.stderr.replace("\n", " ")
    assert not Home(tmp_path).access_log.exists()


def test_output_that_nobody_reads_any_more_ends_a_command_silently(tmp_path: Path) -> None:
    unread, written = os.pipe()
    os.close(unread)
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "status"]
    home = {"MIC_HOME": str(tmp_path)}
    ended = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, env=home, check=False)
    os.close(written)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_a_demonstration_leaves_a_home_with_deliveries_alone(tmp_path: Path) -> None:
    landed = tmp_path / "landing" / "treaties" / "treaties_20260101_001.csv.manifest.json"
    landed.parent.mkdir(parents=True)
    landed.write_text("{}")
    for arguments in (("demo",), ("demo", "--fresh")):
        result = mic(tmp_path, *arguments)
        assert result.exit_code == 1
        assert "MIC_HOME" in result.stderr
    assert landed.exists()


def test_status_names_the_writer_without_waiting_for_it(tmp_path: Path) -> None:
    with run_lock(Home(tmp_path).lock, "mic nightly"):
        held = json.loads(mic(tmp_path, "status", "--json").stdout)
    free = json.loads(mic(tmp_path, "status", "--json").stdout)
    assert "mic nightly" in held["writer"]
    assert free["writer"] == ""


def test_a_delivery_in_the_folder_of_no_feed_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    for name in ("border_crossings", "border_crossing", ".trash"):
        (home.landing / name).mkdir()
    told = [matter.said("en") for matter in strays(Settings(home=tmp_path))]
    assert told == ["landing/border_crossing: no feed has this name, nothing of it is read."]


def test_a_rebuild_of_a_load_that_never_was_says_which_there_are(tmp_path: Path) -> None:
    Home(tmp_path).prepare()
    result = mic(tmp_path, "rebuild", "--as-of", "3")
    assert result.exit_code == 2
    assert "no committed load" in result.stderr


def test_a_failed_night_is_told_in_a_sentence_and_to_the_alert_mailbox(tmp_path: Path) -> None:
    home, mailbox = Home(tmp_path / "home"), tmp_path / "alerts"
    home.prepare()
    home.database.touch()
    given = {"MIC_HOME": str(home.root), "MIC_ALERT_MAILBOX": str(mailbox)}
    result = CliRunner().invoke(main, ["nightly"], env=given)
    assert result.exit_code == 1
    assert "no key for registry" in result.stderr
    assert "no key for registry" in mailbox.read_text()
    told = mic(home.root, "status", "--language", "kk").output
    assert "no key for registry" in told
    assert label("advice.KeyMissingError", "kk") in told
    assert label("advice.KeyMissingError", "ru") in (home.reports / "night.html").read_text(encoding="utf-8")


def test_nightly_goes_on_until_nothing_that_landed_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = iter([Night(1, {"rejected": 1}, left=7), Night(2, {"accepted": 7}, left=0, published={"aggregates": 3})])
    asked: list[Selection] = []

    def run(settings: Settings, selection: Selection, **more: object) -> Night:
        asked.append(selection)
        return next(nights)

    monkeypatch.setattr("pipelines.nightly.run_nightly", run)
    result = CliRunner().invoke(main, ["nightly"], env={"MIC_HOME": str(tmp_path), "MIC_LOAD_ROWS": "50"})
    assert result.exit_code == 3
    assert asked == [Selection(most_rows=50)] * 2
    assert "not published yet: the load is full, 7 deliveries are taken in by the next" in result.output
    assert result.output.index("not published yet") < result.output.index("load 2") < result.output.index("published: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [("THREADS", "many"), ("THREADS", "0"), ("MEMORY_LIMIT", "much"), ("LOAD_ROWS", "-1"), ("LOCK_WAIT", "nan")],
)
def test_a_setting_without_a_usable_value_is_wrong_use(name: str, value: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status"], env={"MIC_HOME": str(tmp_path), f"MIC_{name}": value})
    assert result.exit_code == 2
    assert f"MIC_{name} is “{value}”" in result.stderr


def test_the_measure_of_public_data_says_that_the_peers_are_absent(tmp_path: Path) -> None:
    result = mic(tmp_path, "bench", "identity", "--public", "--peers", str(tmp_path / "python"))
    assert result.exit_code == 1
    assert "make bench-identity" in result.output


def test_identity_is_measured_without_the_peers_and_says_that_they_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity_benchmarks, "in_process", lambda work, *given: processes.measured(work, given))
    asked = ("bench", "identity", "--persons", "300", "--groups", "--json", "--peers", str(tmp_path / "python"))
    result = mic(tmp_path, *asked)
    assert result.exit_code == 0
    told = json.loads(result.output)
    ours, peer = told["ways"]
    assert (ours["way"], ours["persons"], ours["precision"]) == ("the centre", 300, 1.0)
    assert "make bench-identity" in peer["way"] and peer["f1"] is None
    assert {row["kind"] for row in told["groups"]} == {"citizenship", "sex", "scripts"}


def test_linking_is_measured_from_nothing_and_for_a_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking_benchmarks, "in_process", lambda work, *given: processes.measured(work, given))
    asked = ("bench", "linking", "--observations", "300", "--observations", "600", "--night", "60", "--json")
    told = json.loads(mic(tmp_path, *asked).output)
    assert [(row["measure"], row["observations"]) for row in told] == [
        ("300 from nothing", 300),
        ("60 into 300", 60),
        ("600 from nothing", 600),
        ("60 into 600", 60),
    ]
    assert all(row["compared"] > 0 and row["cpu_s"] > 0 and row["peak_mb"] > 0 for row in told)
