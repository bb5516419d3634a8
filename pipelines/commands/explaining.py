"""The command `explain`: why two records are one person, or two. The look is logged before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.audit import Look, hashed, log
from pipelines.commands.console import say, say_json, say_table
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import looks_at_persons
from pipelines.commands.persons import opened_asylum
from pipelines.labels import LANGUAGES, label
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.identity.explaining import Explanation


@click.command(short_help="Why two records are one person, or two: the pair weighed field by field.")
@click.argument("left", nargs=2, metavar="FEED RECORD")
@click.argument("right", nargs=2, metavar="FEED RECORD")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option(
    "--asylum-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the asylum officers' key: records of asylum and return demand it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with codes for words.")
@looks_at_persons
@click.pass_obj
def explain(
    settings: Settings,
    left: tuple[str, str],
    right: tuple[str, str],
    language: str,
    asylum_key: Path | None,
    as_json: bool,
    purpose: str,
    case: str,
) -> None:
    """Weigh two records of persons under the model of the last load, and show what it saw and what is known of them.

    The two may be any that stand, or stood, in feeds about persons, whether the linkage ever compared them or not. The
    look is logged first: what was asked as a keyed hash, whose the records are by id. It waits for a running load.

    Example: mic explain border_crossings E-17 residence_permits R-4 --purpose stewardship --case 2026-118
    """
    from pipelines.identity.adopting import model_of
    from pipelines.identity.explaining import explain as weigh
    from pipelines.stewardship import ASYLUM_FEEDS
    from pipelines.storage import Home
    from pipelines.storage.loads import last_load

    if {left[0], right[0]} & set(ASYLUM_FEEDS):
        _demand_key(settings, asylum_key)
    with locked_build(settings, "mic explain") as build:
        logged = log(settings, Look("explain", purpose, case, question=hashed(settings, str((left, right)))))
        found = weigh(build, model_of(Home(settings.home), last_load(build)), left, right)
    logged.answered(2, list(dict.fromkeys(side.person_id for side in (found.left, found.right) if side.person_id)))
    if as_json:
        say_json(asdict(found))
    else:
        _say(found, language)


def _demand_key(settings: Settings, key_file: Path | None) -> None:
    if key_file is None:
        raise click.UsageError("records of asylum and return are for asylum officers: give their key by --asylum-key.")
    with opened_asylum(settings, key_file):
        pass


def _say(found: Explanation, language: str) -> None:
    def said(key: str, **values: object) -> str:
        return label(f"explain.{key}", language).format(**values)

    def code(kind: str, name: str | None) -> str:
        return label(f"code.{kind}.{name}", language)

    say(said("model", model=found.model_version))
    _say_waterfall(found, said, language)
    if found.weight is not None and found.probability is not None:
        say(said("weight", weight=f"{found.weight:.2f}", probability=f"{found.probability:.6f}"))
    say(said("thresholds", accept=f"{found.accept:g}", review=f"{found.review:g}"))
    say(said("verdict", verdict=code("link_verdict", found.verdict)))
    if found.conflict:
        say(said("conflict", conflict=code("conflict", found.conflict)))
    for name, side in (("left", found.left), ("right", found.right)):
        state = said("person", person=side.person_id) if side.person_id else said("nobody")
        say(f"{said(name)}: {state}" + ("" if side.is_current else f" ({said('withdrawn')})"))
    say(said("one" if found.is_one_person else "two"))
    for link in found.links:
        until = "" if link["known_to_seq"] is None else said("until", load=link["known_to_seq"])
        say(said("link", evidence=code("evidence", link["evidence"]), load=link["known_from_seq"]) + until)
    if found.is_one_person and not any(link["known_to_seq"] is None for link in found.links):
        say(said("through_others" if found.verdict != "identical" else "as_written"))
    for link in found.colours:
        say(said("colour", colour=code("link_colour", link["colour"]), load=link["known_from_seq"]))
    for told in found.stewards:
        verdict = label(f"explain.steward.{told['verdict']}", language)
        say(said("steward", moment=f"{told['decided_at']:%Y-%m-%d %H:%M}", verdict=verdict))
    for event in found.events:
        by = code("decided_by", event["decided_by"])
        words = code("link_event", event["event"])
        persons = " <- ".join(filter(None, (event["person_id"], event["other_person_id"])))
        say(said("event", load=event["load_seq"], event=words, persons=persons, by=by))


def _say_waterfall(found: Explanation, said: Callable[..., str], language: str) -> None:
    if not found.steps:
        return
    rows = [[said("prior"), "", "", "", f"{found.prior:+.2f}", f"{found.prior:.2f}"]]
    for step in found.steps:
        field = label(f"column.{step.field}", language)
        level = label(f"code.level.{step.level or 'unknown'}", language)
        sides = (" / ".join(step.left), " / ".join(step.right))
        rows.append([field, *sides, level, f"{step.bits:+.2f}", f"{step.total:.2f}"])
    say_table([said(name) for name in ("field", "left", "right", "level", "bits", "total")], rows)
