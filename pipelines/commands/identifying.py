"""The commands `identity train`, `compare` and `adopt`: a new model of the linkage, tried before it is used."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.audit import Look, log
from pipelines.commands.console import say, say_json, say_table
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import CASE, PURPOSE, purpose_and_case
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.identity.rehearsing import Comparison

MODEL_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group(short_help="Train, compare and adopt a model of who is one person.")
def identity() -> None:
    """Train a model on the observations of this home, see what it would change, and use it from the next load on.

    Example: mic identity train --name fs-3 --out /data/models/fs-3
    """


@identity.command("train")
@click.option("--name", required=True, help="Its name, as releases and ledgers will quote it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new or empty folder for it.")
@click.option("--persons", type=click.IntRange(min=2), help="Population that the prior is for; unset: the home's.")
@click.pass_obj
def train(settings: Settings, name: str, out: Path, persons: int | None) -> None:
    """Learn from the observations of this home, without truth, how alike papers of one person are; it is not changed.

    Thresholds are those of the model in use; set others by hand in `model.json`, then look with `mic identity compare`.
    The model holds shares of name roots that at least three observations have: keep it as the registry is kept.

    Example: mic identity train --name fs-3 --out /data/models/fs-3
    """
    from pipelines.identity.adopting import VERSION, model_of
    from pipelines.identity.model import save_model
    from pipelines.identity.rehearsing import scratch, train_anew
    from pipelines.storage import Home

    if not VERSION.fullmatch(name):
        raise click.UsageError("--name takes up to 32 small letters, digits, dots and hyphens, such as fs-3.")
    if out.exists() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty: name a new folder with --out.")
    _demand_load(settings)
    with scratch(settings) as (connection, _, load_seq):
        in_use = model_of(Home(settings.home), load_seq)
        model = train_anew(connection, load_seq + 1, in_use, name, persons)
    save_model(model, out)
    seen = model.trained_on["observations"]
    say(
        f"{name} is trained on {seen} observations and lies in {out}. See what it would change: `mic identity compare`."
    )


@identity.command("compare")
@click.argument("models", nargs=-1, required=True, type=MODEL_FOLDER, metavar="[OLD] NEW")
@click.option("--show-persons", is_flag=True, help="Name the persons that change; demands --purpose and --case.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@PURPOSE
@CASE
@click.pass_obj
def compare(
    settings: Settings,
    models: tuple[Path, ...],
    show_persons: bool,
    as_json: bool,
    purpose: str | None,
    case: str | None,
) -> None:
    """Rehearse the next load under the model in folder NEW and say what it merges and splits. Changes nothing here.

    OLD is the model in use where it is not given. All happens on a copy in memory, with stewards' verdicts honoured;
    the run's lock is held only while the copy is made.

    Example: mic identity compare /data/models/fs-3
    """
    from pipelines.identity.adopting import model_of
    from pipelines.identity.model import load_model
    from pipelines.identity.rehearsing import rehearse, scratch
    from pipelines.storage import Home

    if len(models) > 2:
        raise click.UsageError("give the folder of the new model, or those of an old and a new one.")
    why = purpose_and_case(purpose, case) if show_persons else None
    _demand_load(settings)
    new = load_model(models[-1])
    logged = log(settings, Look("identity compare", *why)) if why else None
    with scratch(settings) as (connection, home, load_seq):
        old = load_model(models[0]) if len(models) == 2 else model_of(Home(settings.home), load_seq)
        found = rehearse(connection, home, load_seq + 1, old, new, is_in_use=len(models) == 1)
    if logged:
        logged.answered(len(found.persons), [row["person_id"] for row in found.persons])
    if as_json:
        told = asdict(found)
        say_json(told if show_persons else {name: value for name, value in told.items() if name != "persons"})
    else:
        _say(found, show_persons)


@identity.command("adopt")
@click.argument("folder", type=MODEL_FOLDER)
@click.pass_obj
def adopt(settings: Settings, folder: Path) -> None:
    """Use the model in FOLDER from the next load on; a copy of it is kept with the identity ledger.

    Example: mic identity adopt /data/models/fs-3
    """
    from pipelines.identity.adopting import adopt as use
    from pipelines.storage import Home
    from pipelines.storage.loads import last_load

    with locked_build(settings, "mic identity adopt") as build:
        from_load = last_load(build) + 1
        model = use(Home(settings.home), folder, from_load)
    say(
        f"{model.version} is used from load {from_load} on: the next `mic nightly` weighs all pairs of the home anew, "
        "which takes as long as linking all of it once. Persons keep their ids where their observations stay together; "
        "merges and splits are events of that load. Earlier loads are rebuilt by the models that they had."
    )


def _demand_load(settings: Settings) -> None:
    from pipelines.storage import Home
    from pipelines.storage.sessions import NotPublishedYetError

    if not Home(settings.home).database.exists():
        raise NotPublishedYetError(f"no load has run in {settings.home} yet. Run `mic demo` or `mic nightly` first.")


def _say(found: Comparison, show_persons: bool) -> None:
    say(f"From {found.old} to {found.new}, on the observations of this home, stewards' verdicts honoured:")
    say_table(["what changes", "number"], [[name.replace("_", " "), number] for name, number in found.numbers.items()])
    columns = ["change", "kind of pair", "pairs", "mean probability", "right, as the model believes"]
    shown = [
        [row["change"], row["pattern"], row["pairs"], f"{row['probability']:.4f}", _share(row["right"])]
        for row in found.kinds
    ]
    say_table(columns if shown else ["no pair that the models accept changes"], shown)
    for row in found.stewards:
        least = f", credibly {_share(row['agree_at_least'])} at least" if row["verdicts"] else ""
        say(f"{row['model']} by itself agrees with {row['agreeing']} of {row['verdicts']} verdicts of stewards{least}.")
    if show_persons:
        columns = ["change", "person_id", "with_person_id"]
        say_table(columns, [[row[name] for name in columns] for row in found.persons])


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
