"""The commands `presence train` and `adopt`: a model of who is still here, fitted to this home, used from a load on."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.commands.console import say
from pipelines.commands.locking import locked_build
from pipelines.settings import Settings


@click.group(short_help="Fit and adopt a model of departures that nobody recorded.")
def presence() -> None:
    """Fit the probability of presence to the stays of this home, and use it from the next load on.

    Example: mic presence train --name own-1 --out /data/models/own-1
    """


@presence.command("train")
@click.option("--name", required=True, help="Its name, as releases will quote it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new or empty folder for it.")
@click.pass_obj
def train(settings: Settings, name: str, out: Path) -> None:
    """Learn from the stays of this home, without truth, how long people stay silent before they have left.

    It holds rates of classes of thousands of stays and nobody's data; the home is not changed.

    Example: mic presence train --name own-1 --out /data/models/own-1
    """
    from pipelines.identity.adopting import VERSION
    from pipelines.presence.fitting import fit
    from pipelines.presence.model import freeze, load_model, save_model
    from pipelines.presence.silence import see

    if not VERSION.fullmatch(name):
        raise click.UsageError("--name takes up to 32 small letters, digits, dots and hyphens, such as own-1.")
    if out.exists() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty: name a new folder with --out.")
    with locked_build(settings, "mic presence train") as connection:
        seen, plain = see(connection), see(connection, by_habit=False)
    silences = int(sum(count.sum() for count in seen.silences.values()))
    model = freeze(fit(seen), fit(plain), name, f"{silences} silences of this home", load_model().apart)
    save_model(model, out)
    lost = model.told["departures_never_recorded"]["all"]
    say(
        f"{name} is fitted to {silences} silences and lies in {out}. Of departures it holds {lost:.1%} to be recorded "
        "by nobody. Use it from the next load on: `mic presence adopt`."
    )


@presence.command("adopt")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_obj
def adopt(settings: Settings, folder: Path) -> None:
    """Use the model in FOLDER from the next load on; the home keeps a copy.

    Stocks of all days are then counted by it, which is a break in the series; what earlier loads showed re-derives by
    the model that they had.

    Example: mic presence adopt /data/models/own-1
    """
    from pipelines.presence.adopting import adopt as use
    from pipelines.storage import Home
    from pipelines.storage.loads import last_load

    with locked_build(settings, "mic presence adopt") as connection:
        from_load = last_load(connection) + 1
        model = use(Home(settings.home), folder, from_load)
    say(f"{model.version} is used from load {from_load} on. The next `mic nightly` publishes by it.")
