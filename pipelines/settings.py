"""Settings: read once from the environment, then passed on.

Nothing else in the package reads the environment, and nothing reads it at import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SIZE = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """What a run needs to know before it starts.

    Attributes:
        home: `MIC_HOME`, where the centre keeps its data; the checkout's `warehouse/` where it is unset.
        sources: `MIC_SOURCES`, the folder of feed contracts; the checkout's `sources/` where it is unset.
        keys: Keys given by the environment, by the name of the file that they open.
        alert_command: `MIC_ALERT_COMMAND`, run with a message on its standard input when a night fails.
        alert_mailbox: `MIC_ALERT_MAILBOX`, an mbox file to which the message is appended, or an address to which it is
            sent.
        alert_server: `MIC_ALERT_SERVER`, the mail server for an address, `host:port`.
        fault: `MIC_FAULT`, a planted fault `point:n:kind` for the tests of recovery.
        memory_limit: `MIC_MEMORY_LIMIT`, DuckDB's memory limit.
        threads: `MIC_THREADS`, DuckDB's threads.
        load_rows: `MIC_LOAD_ROWS`, how many rows `mic nightly` takes in as one load; where more have landed, the latest
            business dates wait for the next. Two million, ten full days of a nation, want some 6 GB.
        lock_wait_seconds: `MIC_LOCK_WAIT`, how long a run waits for another one before it says who holds the lock.
        code_version: Version of the code, kept with each load.
    """

    home: Path
    sources: Path = CHECKOUT / "sources"
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    alert_command: str = ""
    alert_mailbox: str = ""
    alert_server: str = "localhost:25"
    fault: str = ""
    memory_limit: str = "4GB"
    threads: int = 2
    load_rows: int = 2_000_000
    lock_wait_seconds: float = 60.0
    code_version: str = "0.1.0"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Reads the settings from `environment`, by default the process's own."""
        env = os.environ if environment is None else environment  # noqa: TID251 the one place that reads it
        keys = {name: env[f"MIC_{name.upper()}_KEY"] for name in KEY_NAMES if env.get(f"MIC_{name.upper()}_KEY")}
        return cls(
            home=Path(env.get("MIC_HOME") or CHECKOUT / "warehouse").absolute(),
            sources=Path(env.get("MIC_SOURCES") or CHECKOUT / "sources").absolute(),
            keys=keys,
            alert_command=env.get("MIC_ALERT_COMMAND", ""),
            alert_mailbox=env.get("MIC_ALERT_MAILBOX", ""),
            alert_server=env.get("MIC_ALERT_SERVER", "localhost:25"),
            fault=env.get("MIC_FAULT", ""),
            memory_limit=_size(env, "MIC_MEMORY_LIMIT", "4GB"),
            threads=int(_number(env, "MIC_THREADS", "2", int, least=1)),
            load_rows=int(_number(env, "MIC_LOAD_ROWS", "2000000", int, least=1)),
            lock_wait_seconds=_number(env, "MIC_LOCK_WAIT", "60", float, least=0),
        )


def _number(environment: Mapping[str, str], name: str, usual: str, kind: Callable[[str], float], least: float) -> float:
    given = environment.get(name) or usual
    try:
        number = kind(given)
    except ValueError:
        raise ValueError(f"{name} is “{given}”, which is no number") from None
    if not least <= number < float("inf"):
        raise ValueError(f"{name} is “{given}”, which is no number from {least:g} on")
    return number


def _size(environment: Mapping[str, str], name: str, usual: str) -> str:
    given = environment.get(name) or usual
    if not SIZE.fullmatch(given):
        raise ValueError(f"{name} is “{given}”, which is no size such as 4GB or 800MB")
    return given


KEY_NAMES = ("registry", "asylum", "analysis")
