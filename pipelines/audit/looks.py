"""What a look at persons must say before it is answered: who, when, by which command, why, for which case, what.

Persons are named by their ids, questions by a keyed hash: an auditor who holds the registry key can tell whether a
certain number was asked for, and nobody can read it off the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pwd
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.audit.chain import append, check
from pipelines.labels import catalogue
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.keys import derived_key

PURPOSES = "code.access_purpose."
CASE = re.compile(r"[^\W_][\w./:№#-]{0,63}")
IIN = re.compile(r"\d{12}")
LOGIN = Path("/proc/self/loginuid")
NOBODY_LOGGED_IN = 2**32 - 1
Clock = Callable[[], datetime]


class PurposeMissingError(Exception):
    """A look without a known purpose and a case is none; the message says what to give."""


class LookRefusedError(Exception):
    """A look could not be logged, so it is not answered."""


@dataclass(frozen=True)
class Look:
    """A look at persons.

    Attributes:
        command: The command of `mic`.
        purpose: One of `purposes()`.
        case: Number of the case that it serves.
        persons: Ids of the persons asked for.
        question: Keyed hash of a question that names them otherwise.
        delivery: Feed and file, of rows held back.
    """

    command: str
    purpose: str
    case: str
    persons: Sequence[str] = ()
    question: str = ""
    delivery: str = ""


@dataclass(frozen=True)
class Disclosure:
    """What was handed to somebody, or taken from everybody.

    Attributes:
        recipient: Who gets it: `person` or `guardian`; `nobody`, of what was erased.
        basis: On what ground.
        hash: SHA-256 of the document, by which a copy of it can be recognised; the name of the erasure in the ledger.
    """

    recipient: str
    basis: str
    hash: str


@dataclass(frozen=True)
class Logged:
    """A look that stands in the chain and may be answered.

    Attributes:
        path: The chain.
        number: Its line.
        clock: Gives the moment.
    """

    path: Path
    number: int
    clock: Clock

    def answered(self, rows: int, persons: Sequence[str] = (), disclosure: Disclosure | None = None) -> None:
        """Notes how much is about to be shown, and of whom where the question did not say it.

        Raises:
            LookRefusedError: It cannot be noted.
        """
        entry: dict[str, Any] = {"what": "answer", "look": self.number, "at": _moment(self.clock), "rows": rows}
        entry |= {"persons": list(persons)} if persons else {}
        entry |= {"disclosed": asdict(disclosure)} if disclosure else {}
        _write(self.path, entry)


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def purposes() -> tuple[str, ...]:
    """Codes of the purposes for which persons may be looked at; their words stand in the catalogue of labels."""
    return tuple(key.removeprefix(PURPOSES) for key in catalogue() if key.startswith(PURPOSES))


def demand_purpose(purpose: str | None, case: str | None) -> tuple[str, str]:
    """The purpose and case of a look.

    Raises:
        PurposeMissingError: One is missing, the purpose is not known, or the case is no number of a case.
    """
    if not purpose or purpose not in purposes():
        raise PurposeMissingError(f"a look at persons demands --purpose, one of: {', '.join(purposes())}.")
    if not case:
        raise PurposeMissingError("a look at persons demands --case: the number of the case that it serves.")
    if not CASE.fullmatch(case) or IIN.fullmatch(case):
        raise PurposeMissingError(
            "--case takes the number of a case, up to 64 letters, digits and ./:№#- without blanks; a name or an IIN "
            "must not stand in the log."
        )
    return purpose, case


def hashed(settings: Settings, question: str) -> str:
    """The keyed hash that stands for a question in the chain."""
    return hmac.new(derived_key(settings, "audit").encode(), question.encode(), hashlib.sha256).hexdigest()


def log(settings: Settings, look: Look, clock: Clock = now) -> Logged:
    """Writes a look into the chain and waits for the disk; only then may it be answered.

    Raises:
        PurposeMissingError: Purpose or case are not what they must be.
        LookRefusedError: The chain cannot be written, or is broken.
    """
    demand_purpose(look.purpose, look.case)
    path = Home(settings.home).access_log
    _demand_unbroken(path)
    asked = {"persons": list(look.persons), "question": look.question, "delivery": look.delivery}
    entry: dict[str, Any] = {"what": "look", "at": _moment(clock), "who": account(), "command": look.command}
    entry |= {"purpose": look.purpose, "case": look.case, "asked": {name: said for name, said in asked.items() if said}}
    return Logged(path, _write(path, entry), clock)


def _demand_unbroken(path: Path) -> None:
    """Refuses looks where the log shows that it was changed; an unfinished end is ended by the next line."""
    try:
        found = check(path)
    except OSError as error:
        raise _unlogged(path, error) from None
    if found.problems[: -1 if found.unfinished else None]:
        raise LookRefusedError(
            f"the log of looks was changed ({path}: {found.problems[0]}), so nothing is answered. Tell the data "
            "protection officer; put the log back from a backup, or keep the broken one under another name: the next "
            "look begins a new one."
        )


def _write(path: Path, entry: dict[str, Any]) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return append(path, entry).count
    except OSError as error:
        raise _unlogged(path, error) from None


def _unlogged(path: Path, error: OSError) -> LookRefusedError:
    return LookRefusedError(
        f"the look cannot be logged ({path}: {error.strerror or type(error).__name__}), so it is not answered. "
        "Mend that first; nothing was shown."
    )


def _moment(clock: Clock) -> str:
    return clock().astimezone(UTC).isoformat(timespec="seconds")


def account(login: Path = LOGIN) -> str:
    """The account that logged in, which stays the same under `sudo`, else the one that runs; never the environment's.

    Args:
        login: Where the kernel says who logged in.
    """
    logged_in = int(login.read_text()) if login.exists() else NOBODY_LOGGED_IN
    user = os.getuid() if logged_in == NOBODY_LOGGED_IN else logged_in
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
