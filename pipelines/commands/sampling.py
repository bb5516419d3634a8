"""`mic review --sample`: pairs that stewards judge without seeing what the model made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pipelines.audit import Look, log
from pipelines.commands.locking import locked_build
from pipelines.commands.verdicts import lay_down, say_rows
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.stewardship import Drawn


@dataclass(frozen=True)
class Asked:
    """What is asked of a sample: all of it, one pair of it, or a verdict on that."""

    number: int
    seed: int
    item: int | None
    verdict: str | None
    reason: str | None


def review_sample(settings: Settings, look: Look, asked: Asked, as_json: bool) -> None:
    """Shows a sample or one pair of it, or takes a verdict; the look is logged with the persons of what is shown."""
    from pipelines.identity.adopting import model_of
    from pipelines.stewardship import draw
    from pipelines.storage import Home
    from pipelines.storage.loads import last_load

    logged = log(settings, look)
    with locked_build(settings, "mic review") as build:
        load_seq = last_load(build)
        pairs = draw(build, load_seq, model_of(Home(settings.home), load_seq).accept, asked.number, asked.seed)
        chosen = _chosen(pairs, asked.item)
        if asked.verdict and asked.reason:
            (pair,) = chosen
            lay_down(settings, logged, [pair.decision(asked.verdict)], pair.mark + asked.reason, as_json)
            return
    logged.answered(len(chosen), list(dict.fromkeys(person for pair in chosen for person in pair.persons)))
    if asked.item:
        say_rows(chosen[0].fields(), as_json)
    else:
        say_rows([{"item": item} | pair.in_one_line() for item, pair in enumerate(pairs, 1)], as_json)


def _chosen(pairs: list[Drawn], item: int | None) -> list[Drawn]:
    """All pairs, or the one of a number."""
    if item is None:
        return pairs
    if item > len(pairs):
        raise click.UsageError(f"the sample has {len(pairs)} pairs; there is no item {item}.")
    return [pairs[item - 1]]
