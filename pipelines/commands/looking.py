"""What every command that shows persons shares: it demands purpose and case before it does anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pipelines.audit import PurposeMissingError, demand_purpose

PURPOSE = click.option(
    "--purpose", metavar="CODE", help="Why persons are looked at; a wrong code lists those there are."
)
CASE = click.option("--case", "case", metavar="NUMBER", help="Number of the case that it serves.")


def looks_at_persons(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options --purpose and --case, and refuses it where one is missing or unknown."""

    @wraps(command)
    def demanding(*arguments: Any, purpose: str | None, case: str | None, **more: Any) -> None:
        purpose, case = purpose_and_case(purpose, case)
        command(*arguments, purpose=purpose, case=case, **more)

    return PURPOSE(CASE(demanding))


def purpose_and_case(purpose: str | None, case: str | None) -> tuple[str, str]:
    """The purpose and case of a look; wrong use of the command where they are not what they must be."""
    try:
        return demand_purpose(purpose, case)
    except PurposeMissingError as error:
        raise click.UsageError(str(error)) from None
