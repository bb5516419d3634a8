"""Telling a person that a night failed: what happened, what stands, what to do.

`mic nightly` and Dagster both end here. A message never holds a value of a row, so an error of a library is told by
its kind and place alone.
"""

from __future__ import annotations

import mailbox
import shlex
import smtplib
import subprocess
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from pipelines.labels import catalogue, label
from pipelines.settings import CHECKOUT, Settings

ADDRESS = "migration-information-centre@localhost"
PATIENCE_SECONDS = 60
LANGUAGE = "en"
USUAL_ADVICE = "advice.usual"


class AlertNotSentError(Exception):
    """An alert did not reach anybody; the message says which way failed."""


def describe(error: BaseException) -> str:
    """What an error says where it is the centre's own, and else its kind and place: others may quote a row."""
    if type(error).__module__.startswith("pipelines."):
        return str(error)
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error.strerror or 'the operating system refused'}"
    return f"{type(error).__name__} at {_place(error)}"


def advice_key(error: BaseException) -> str:
    """The catalogue's key of what a person does about an error."""
    keys = [f"advice.{kind.__name__}" for kind in type(error).__mro__]
    return next((key for key in keys if key in catalogue()), USUAL_ADVICE)


def advise(error: BaseException) -> str:
    """What a person does about an error, in a sentence or two."""
    return label(advice_key(error), LANGUAGE)


def compose(step: str, told: str, advice: str, when: datetime) -> str:
    """The message about a failed step."""
    return (
        f"The night stopped at the step '{step}', {when:%Y-%m-%d %H:%M %Z}.\n\n"
        f"What happened: {told}\n\n"
        f"What to do: {advice}\n\n"
        "What stands: readers keep the last generation; the load stays open and the next run resumes it.\n"
    )


def alert(settings: Settings, subject: str, message: str, when: datetime) -> list[str]:
    """Sends a message every way that the settings name; returns the ways.

    Raises:
        AlertNotSentError: A way failed; the others were tried all the same.
    """
    sent, failed = [], []
    for way, send in (("mailbox", _post), ("command", _run)):
        if not (settings.alert_mailbox if way == "mailbox" else settings.alert_command):
            continue
        try:
            send(settings, subject, message, when)
            sent.append(way)
        except (OSError, ValueError, mailbox.Error, subprocess.SubprocessError) as error:
            failed.append(f"{way} ({type(error).__name__})")
    if failed:
        raise AlertNotSentError(
            f"the alert went nowhere by {', '.join(failed)}; mend MIC_ALERT_MAILBOX, MIC_ALERT_SERVER or "
            "MIC_ALERT_COMMAND"
        )
    return sent


def _post(settings: Settings, subject: str, message: str, when: datetime) -> None:
    """Puts the message into the mailbox: a file of this machine, or an address that the mail server knows."""
    mail = EmailMessage()
    is_address = "@" in settings.alert_mailbox and "/" not in settings.alert_mailbox
    mail["From"], mail["To"], mail["Subject"] = ADDRESS, settings.alert_mailbox if is_address else ADDRESS, subject
    mail["Date"] = format_datetime(when)
    mail.set_content(message)
    if is_address:
        host, _, port = settings.alert_server.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=PATIENCE_SECONDS) as server:
            server.send_message(mail)
        return
    box = mailbox.mbox(settings.alert_mailbox)
    box.lock()
    try:
        box.add(mail)
    finally:
        box.close()


def _run(settings: Settings, subject: str, message: str, when: datetime) -> None:
    command = shlex.split(settings.alert_command)
    subprocess.run(
        command, input=f"{subject}\n\n{message}", text=True, timeout=PATIENCE_SECONDS, check=True, capture_output=True
    )


def _place(error: BaseException) -> str:
    """File and line of the centre's own code that was at work."""
    place, trace = "an unknown place", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(CHECKOUT / "pipelines"):
            place = f"{path.relative_to(CHECKOUT)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
