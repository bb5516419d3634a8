"""What the commands of stewards have in common: how pairs are shown, and how verdicts on them go into the landing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.audit import Logged, account
from pipelines.commands.console import say, say_json, say_table
from pipelines.settings import Settings


def lay_down(settings: Settings, logged: Logged, decisions: list[Any], reason: str, as_json: bool) -> None:
    """Notes the decisions in the log, then lays them into the landing."""
    from pipelines.stewardship import deliver
    from pipelines.storage import Home

    logged.answered(len(decisions))
    path: Path = deliver(Home(settings.home), decisions, account(), reason, datetime.now(UTC))
    if as_json:
        say_json({"decisions": len(decisions), "delivery": str(path)})
    else:
        say(f"{len(decisions)} decisions lie in {path}; they are in effect with the next load: run `mic nightly`.")


def say_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Prints rows of pairs, as a table or as JSON."""
    if as_json:
        say_json(rows)
        return
    told = [
        [" / ".join(map(str, value)) if isinstance(value, list) else value for value in row.values()] for row in rows
    ]
    say_table(list(rows[0]) if rows else ["nothing wants a look"], told)
