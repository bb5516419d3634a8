"""Commands of data stewards: `review` and `unmerge`. Each look is logged before it is answered."""

from __future__ import annotations

from collections.abc import Sequence

import click

from pipelines.audit import Look, log
from pipelines.commands.console import say, say_json, say_table
from pipelines.commands.failures import Failure
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import looks_at_persons
from pipelines.commands.persons import demand_person_ids
from pipelines.commands.sampling import Asked, review_sample
from pipelines.commands.verdicts import lay_down, say_rows
from pipelines.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.command(short_help="Steward: what wants a look, by expected harm; verdicts on it.")
@click.argument("pair", nargs=-1, metavar="[PERSON_ID PERSON_ID]")
@click.option("--verdict", type=click.Choice(["same", "different"]), help="Decide on the pair.")
@click.option("--reason", help="Why, in words that name nobody; kept with the decision.")
@click.option("--sample", "drawn", type=click.IntRange(3, 5_000), help="Draw so many pairs to be judged blindly.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=1), help="Another draws another sample.")
@click.option("--item", type=click.IntRange(min=1), help="The pair of this number in the sample.")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 500), help="Entries at most.")
@AS_JSON
@looks_at_persons
@click.pass_obj
def review(
    settings: Settings,
    pair: Sequence[str],
    verdict: str | None,
    reason: str | None,
    drawn: int | None,
    seed: int,
    item: int | None,
    most: int,
    as_json: bool,
    purpose: str,
    case: str,
) -> None:
    """Show what wants a steward's look, the greatest expected harm first; a pair side by side; or decide on a pair.

    `apart` are two persons who may be one, `joined` is one person whose weakest link rests on likeness alone; that it
    holds is confirmed by naming the person twice. A verdict is written as a delivery of stewards' decisions and is in
    effect with the next load. `--sample` shows pairs in a drawn order without the model's word, for a figure of how
    many links are right.

    Example: mic review --purpose stewardship --case 2026-118
    """
    demand_person_ids(*pair)
    _demand_one_use(pair, verdict, reason, drawn, item)
    look = Look("review", purpose, case, persons=pair)
    if drawn:
        review_sample(settings, look, Asked(drawn, seed, item, verdict, reason), as_json)
    elif verdict and reason:
        _decide(settings, look, verdict, reason, as_json)
    elif pair:
        _show_pair(settings, look, as_json)
    else:
        _show_queue(settings, look, most, as_json)


def _demand_one_use(
    pair: Sequence[str], verdict: str | None, reason: str | None, drawn: int | None, item: int | None
) -> None:
    if drawn and pair:
        raise click.UsageError("a sample names no persons: leave them out, or --sample.")
    if item and not drawn:
        raise click.UsageError("--item is a number in a sample: repeat --sample, and --seed, as it was drawn.")
    if len(pair) not in (0, 2) or (verdict and not pair and not item):
        raise click.UsageError("give no person for the queue, or the two of a pair.")
    if bool(verdict) != bool(reason):
        raise click.UsageError("a verdict has a reason: give --verdict and --reason together.")


def _decide(settings: Settings, look: Look, verdict: str, reason: str, as_json: bool) -> None:
    from pipelines.stewardship import judge_persons

    logged = log(settings, look)
    with locked_build(settings, "mic review") as build:
        decisions = judge_persons(build, look.persons[0], look.persons[1], verdict)
        lay_down(settings, logged, decisions, reason, as_json)


def _show_queue(settings: Settings, look: Look, most: int, as_json: bool) -> None:
    from pipelines.stewardship import pending
    from pipelines.storage.sessions import open_published

    with open_published(settings, "restricted") as restricted:
        logged = log(settings, look)
        rows = pending(restricted, most)
    persons = dict.fromkeys(row[f"{side}_person_id"] for row in rows for side in ("left", "right"))
    logged.answered(len(rows), list(persons))
    say_rows(rows, as_json)


def _show_pair(settings: Settings, look: Look, as_json: bool) -> None:
    from pipelines.stewardship import compared, side_by_side
    from pipelines.storage.sessions import open_published

    left, right = look.persons
    with open_published(settings, "restricted") as restricted:
        logged = log(settings, look)
        rows = side_by_side(restricted, left, right)
    with locked_build(settings, "mic review") as build:
        weighed = compared(build, left, right)
    logged.answered(len(rows))
    if not all(any(row[side] for row in rows) for side in ("left", "right")):
        raise Failure("of one of these ids nothing is held now; `mic find` and `mic review` give ids.")
    if as_json:
        say_json({"fields": rows, "weight": weighed and weighed[0], "levels": weighed and weighed[1]})
        return
    say_rows(rows, as_json)
    if weighed:
        say(f"weight of the best pair of spellings: {weighed[0]:.2f}")
        say_table(["compared", "level"], list(weighed[1].items()))


@click.command(short_help="Steward: part what a merge joined.")
@click.argument("person_id")
@click.option("--load", "load_seq", required=True, type=click.IntRange(min=1), metavar="SEQ", help="Load of the merge.")
@click.option("--reason", help="Why, in words that name nobody; the merge that it undoes otherwise.")
@AS_JSON
@looks_at_persons
@click.pass_obj
def unmerge(
    settings: Settings, person_id: str, load_seq: int, reason: str | None, as_json: bool, purpose: str, case: str
) -> None:
    """Undo a merge: what was of different persons before load SEQ is parted by the next load.

    `different` is written for every observation of one side beside every one of the other, so that no evidence that is
    left joins them again. Observations that came later go where their evidence is strongest.

    Example: mic unmerge k3p5x2ka7dqm4hzt --load 12 --purpose stewardship --case 2026-118
    """
    from pipelines.stewardship import undo_merge

    demand_person_ids(person_id)
    logged = log(settings, Look("unmerge", purpose, case, persons=[person_id]))
    with locked_build(settings, "mic unmerge") as build:
        decisions = undo_merge(build, person_id, load_seq)
        lay_down(settings, logged, decisions, reason or f"undoes the merge of load {load_seq}", as_json)
