"""A failed night reaches a person, in plain words and without a value of a row."""

from __future__ import annotations

import mailbox
import socketserver
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import ClassVar

import dagster as dg
import duckdb
import pytest

from pipelines import alerts
from pipelines.defs.sensors import failure_sensor
from pipelines.settings import Settings
from pipelines.storage import LockHeldError

WHEN = datetime(2026, 1, 6, 2, 5, tzinfo=UTC)


def saving_command(folder: Path) -> str:
    """A command that keeps what it is told."""
    script = folder / "keep.py"
    script.write_text("import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())", encoding="utf-8")
    return f"{sys.executable} {script} '{folder / 'a b.txt'}'"


@pytest.fixture
def heard(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, alert_command=saving_command(tmp_path), alert_mailbox=str(tmp_path / "box"))


def test_an_alert_reaches_the_command_and_the_mailbox(heard: Settings, tmp_path: Path) -> None:
    assert alerts.alert(heard, "The night failed", "Look at the disk: it is full.", WHEN) == ["mailbox", "command"]
    assert (tmp_path / "a b.txt").read_text(encoding="utf-8") == "The night failed\n\nLook at the disk: it is full."
    [mail] = mailbox.mbox(heard.alert_mailbox)
    assert mail["Subject"] == "The night failed"
    assert "it is full" in mail.get_payload()


class Sink(socketserver.StreamRequestHandler):
    """A mail server that takes one message and keeps what it was told."""

    heard: ClassVar[list[str]] = []

    def handle(self) -> None:
        """Agrees with everything, as RFC 5321 would have it said."""
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            self.heard.append(line.decode().rstrip())
            if line.lower().startswith(b"data"):
                self.wfile.write(b"354 go on\r\n")
                self.heard.extend(iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), "."))
            self.wfile.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 yes\r\n")


@pytest.fixture
def sink() -> Iterator[str]:
    """Where a mail server listens."""
    Sink.heard.clear()
    with socketserver.TCPServer(("127.0.0.1", 0), Sink) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_an_alert_is_sent_to_an_address_by_the_mail_server(settings: Settings, sink: str) -> None:
    posted = replace(settings, alert_mailbox="night@office.example", alert_server=sink)
    assert alerts.alert(posted, "The night failed", "Look at the disk: it is full.", WHEN) == ["mailbox"]
    assert "rcpt TO:<night@office.example>" in Sink.heard
    assert "Subject: The night failed" in Sink.heard
    assert "Look at the disk: it is full." in Sink.heard


def test_a_mail_server_that_does_not_answer_is_said(settings: Settings) -> None:
    posted = replace(settings, alert_mailbox="night@office.example", alert_server="127.0.0.1:1")
    with pytest.raises(alerts.AlertNotSentError, match="MIC_ALERT_SERVER"):
        alerts.alert(posted, "subject", "message", WHEN)


def test_an_alert_is_not_run_by_a_shell(settings: Settings, tmp_path: Path) -> None:
    command = f"{saving_command(tmp_path)} ; touch {tmp_path / 'shell'}"
    alerts.alert(replace(settings, alert_command=command), "subject", "message", WHEN)
    assert not (tmp_path / "shell").exists()


def test_a_broken_command_is_said_and_the_mailbox_is_written_all_the_same(heard: Settings) -> None:
    broken = replace(heard, alert_command="/does/not/exist")
    with pytest.raises(alerts.AlertNotSentError, match="MIC_ALERT_COMMAND"):
        alerts.alert(broken, "subject", "message", WHEN)
    assert len(mailbox.mbox(heard.alert_mailbox)) == 1


def test_nobody_is_told_where_nothing_is_set(settings: Settings) -> None:
    assert alerts.alert(settings, "subject", "message", WHEN) == []


def test_what_a_library_says_of_a_value_is_not_told() -> None:
    try:
        duckdb.sql("SELECT CAST('IVANOV' AS INTEGER)").fetchall()
    except duckdb.Error as error:
        told = alerts.describe(error)
    assert told.startswith("ConversionException at ")
    assert "IVANOV" not in told


def test_our_own_errors_are_told_in_full_and_each_has_advice() -> None:
    error = LockHeldError("another run is writing: mic nightly since 02:00")
    assert alerts.describe(error) == "another run is writing: mic nightly since 02:00"
    assert "Wait" in alerts.advise(error)
    assert "df -h" in alerts.advise(FileNotFoundError())


def test_a_failed_run_is_told_with_its_step_and_what_to_do(
    heard: Settings, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    @dg.op
    def link() -> None:
        raise dg.Failure("link: no such table", metadata={"what_to_do": "Mend the model."})

    @dg.job
    def nightly() -> None:
        link()

    result = nightly.execute_in_process(instance=instance, raise_on_error=False)
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failed",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    )
    failure_sensor(heard)(context.for_run_failure())
    told = (tmp_path / "a b.txt").read_text(encoding="utf-8")
    assert "The run 'nightly' failed" in told
    assert "at the step 'link'" in told
    assert "link: no such table" in told
    assert "What to do: Mend the model." in told
    assert "readers keep the last generation" in told
