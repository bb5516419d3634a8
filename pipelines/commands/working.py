"""Commands for those who work on the centre: `bench` and `ui`."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.commands.console import say, say_json, say_table
from pipelines.commands.failures import Failure
from pipelines.settings import Settings


@click.group(short_help="Measure the centre beside floors from the same run.")
def bench() -> None:
    """Measure time, CPU and memory beside the least that the same work can cost on this machine.

    Example: mic bench intake --rows 200000
    """


@bench.command("intake")
@click.option("--rows", default=200_000, show_default=True, help="Rows of the crossings file, about.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_intake(settings: Settings, rows: int, as_json: bool) -> None:
    """Take in one file, beside DuckDB's typed read of the same file into a table, and a plain read.

    Example: mic bench intake --rows 1000000 --json
    """
    from pipelines.benchmarks.loads import measure_intake

    _say(measure_intake(settings, rows), as_json)


@bench.command("nightly")
@click.option("--persons", default=2_000, show_default=True, help="Foreigners of the synthetic state.")
@click.option(
    "--days", default=10, show_default=True, help="Days of the short history; the long one has five times as many."
)
@click.option("--history", type=int, help="Measure a full-size day into a history of so many crossings instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_nightly(settings: Settings, persons: int, days: int, history: int | None, as_json: bool) -> None:
    """Load the same day into a history and into one five times longer, beside a plain recomputation.

    Example: mic bench nightly --persons 5000 --days 10
    """
    from pipelines.benchmarks.full_day import measure_full_day
    from pipelines.benchmarks.loads import measure_nightly

    _say(measure_nightly(settings, persons, days) if history is None else measure_full_day(settings, history), as_json)


@bench.command("promises")
@click.option("--rows", default=200_000, show_default=True, help="Rows of the crossings file, about.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_promises(settings: Settings, rows: int, as_json: bool) -> None:
    """Judge one delivery by its promises, beside the same aggregates in one SQL statement.

    Example: mic bench promises --rows 200000
    """
    from pipelines.benchmarks.promises import measure_promises

    _say(measure_promises(settings, rows), as_json)


@bench.command("identity")
@click.option("--persons", default=20_000, show_default=True, help="Persons of the harsh world.")
@click.option("--public", is_flag=True, help="Measure on the public data sets that the peers carry instead.")
@click.option("--groups", is_flag=True, help="Also by citizenship, sex and pair of scripts.")
@click.option("--peers", type=click.Path(path_type=Path), help="Python with the peers; unset: .venv-peers.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_identity(
    settings: Settings, persons: int, public: bool, groups: bool, peers: Path | None, as_json: bool
) -> None:
    """Find the persons of a world whose truth is known, beside Splink on the same observations.

    Example: mic bench identity --persons 20000 --groups
    """
    from pipelines.benchmarks.identity import PEERS, measure_identity, measure_public

    there = peers or PEERS
    ways, by_group = measure_public(settings, there) if public else measure_identity(settings, persons, there)
    if as_json and groups:
        say_json({"ways": ways, "groups": by_group})
        return
    _say(ways, as_json)
    if groups and by_group:
        _say(by_group, as_json)


@bench.command("linking")
@click.option("--observations", default=[1_000_000], multiple=True, show_default=True, help="Known; may be repeated.")
@click.option("--night", default=20_000, show_default=True, help="New ones that a night brings.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_linking(settings: Settings, observations: tuple[int, ...], night: int, as_json: bool) -> None:
    """Link many observations from nothing, then a night's new ones into them.

    Example: mic bench linking --observations 250000 --observations 1000000 --night 20000
    """
    from pipelines.benchmarks.linking import measure_linking

    _say(measure_linking(settings, list(observations), night), as_json)


@bench.command("presence")
@click.option("--persons", default=24_000, show_default=True, help="Foreigners of the simulated state.")
@click.option(
    "--seed",
    "seeds",
    default=[202],
    multiple=True,
    show_default=True,
    help="Which state is drawn; the shipped model knows 101. May be repeated.",
)
@click.option(
    "--kept",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which loaded years stay; of one that stands there the chances alone are made anew.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_presence(settings: Settings, persons: int, seeds: tuple[int, ...], kept: Path | None, as_json: bool) -> None:
    """Count the stock of a simulated year that loses exits and entries beside its truth, and the errors of control.

    Of several years it tells, too, how far the odds to have left lie from the truth beyond what bounds leave open.

    Example: mic bench presence --persons 24000
    """
    from pipelines.benchmarks.open_stays import odds_apart
    from pipelines.benchmarks.presence import measure_presence

    years = {seed: measure_presence(settings, persons, seed, kept=kept) for seed in seeds}
    found = {
        name: [{"seed": seed} | row for seed, measures in years.items() for row in measures[place]]
        for place, name in enumerate(("stocks", "groups", "control"))
    }
    _say_all(found | {"apart": odds_apart({seed: groups for seed, (_, groups, _) in years.items()})}, as_json)


@bench.command("names")
@click.option(
    "--pairs", default=8_000, show_default=True, help="Pairs of names per pair of scripts, half for a threshold."
)
@click.option("--seed", default=1, show_default=True, help="Which pairs are drawn.")
@click.option("--peers", type=click.Path(path_type=Path), help="Python with the peer; unset: .venv-name-peers.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
def bench_names(pairs: int, seed: int, peers: Path | None, as_json: bool) -> None:
    """Compare names across scripts, beside nomenklatura's logic-v2 on the same pairs.

    Example: mic bench names --pairs 2000
    """
    from pipelines.benchmarks.names import PEERS, measure_names

    _say(measure_names(pairs, seed, peers or PEERS), as_json)


@bench.command("communities")
@click.option("--persons", default=60_000, show_default=True, help="People who live anywhere.")
@click.option("--planted", default=40, show_default=True, help="Communities of 60 to 5,000 persons among them.")
@click.option("--months", default=24, show_default=True, help="Month ends that are seen.")
@click.option("--shuffles", default=100, show_default=True, help="Months of other people each, without communities.")
@click.option("--seed", default=1, show_default=True, help="Which world is drawn.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_communities(
    settings: Settings, persons: int, planted: int, months: int, shuffles: int, seed: int, as_json: bool
) -> None:
    """Find planted communities of known dates, a tenth of all people in a wrong district; and none where chance rules.

    Example: mic bench communities --persons 20000 --planted 20
    """
    from pipelines.benchmarks.communities import districts, measure_communities
    from pipelines.simulation.community_world import FEWEST_MONTHS, CommunityWorld

    if months < FEWEST_MONTHS:
        raise click.UsageError(
            f"--months takes {FEWEST_MONTHS} and more: a community is seen for six months, and four after it has ended."
        )
    world = CommunityWorld(persons, months, planted, districts(60), seed=seed)
    _say_all(measure_communities(settings, world, shuffles), as_json)


@bench.command("places")
@click.option("--persons", default=40_000, show_default=True, help="Foreigners of the simulated state.")
@click.option("--days", default=365, show_default=True, help="Length of its life; communities turn from 360 on.")
@click.option("--communities", default=20, show_default=True, help="Communities planted, or as many as it can carry.")
@click.option("--largest", default=400, show_default=True, help="Persons of the largest; the smallest has 60.")
@click.option("--days-per-load", default=122, show_default=True, help="Days that one load takes in, for less memory.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
@click.pass_obj
def bench_places(
    settings: Settings, persons: int, days: int, communities: int, largest: int, days_per_load: int, as_json: bool
) -> None:
    """Load a simulated state a tenth of whose messages name a wrong district; hold places and communities to its truth.

    Example: mic bench places --persons 76000 --largest 1000
    """
    from pipelines.benchmarks.places import measure_places, misplaced_world

    world = misplaced_world(persons, days, communities, largest)
    _say_all(measure_places(settings, world, days_per_load), as_json)


def _say(found: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        say_json(found)
    else:
        say_table(list(found[0]), [list(row.values()) for row in found])


def _say_all(found: dict[str, list[dict[str, object]]], as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    for rows in found.values():
        _say(rows, as_json)


@click.command(short_help="Open the Dagster UI on this machine.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@click.pass_obj
def ui(settings: Settings, port: int) -> None:
    """Run the Dagster UI on 127.0.0.1 until Ctrl-C.

    Example: mic ui --port 3000
    """
    from pipelines.serving import is_free, serve_ui

    if not is_free(port):
        raise Failure(f"port {port} is taken, perhaps by another `mic ui`: name another with --port.")
    say(f"The UI opens at http://127.0.0.1:{port} (Ctrl-C ends it).")
    raise click.exceptions.Exit(serve_ui(settings, port))
