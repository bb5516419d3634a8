"""Making a synthetic world: its persons, their stays, and every delivery that agencies would send.

`simulate` is the only entrance. Which rates hold stands in `calibration.yml`; which feeds exist stands in `sources/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.contracts import Contract, load_contracts
from pipelines.simulation import truth
from pipelines.simulation.acts import citizenship_acts, civil_events
from pipelines.simulation.announcements import advance_passengers
from pipelines.simulation.calibration import load_calibration
from pipelines.simulation.communities import plant
from pipelines.simulation.crossings import border_crossings
from pipelines.simulation.drawing import drawn_records
from pipelines.simulation.dwelling import settle, usual_districts
from pipelines.simulation.employment import employment_records
from pipelines.simulation.enforcement import enforcement_cases
from pipelines.simulation.labour import labour_permits
from pipelines.simulation.movement import Posts, move, pace_for, passages
from pipelines.simulation.moves import residence_moves
from pipelines.simulation.names import MANY_PERSONS, load_names
from pipelines.simulation.notices import stay_notifications
from pipelines.simulation.permits import residence_permits
from pipelines.simulation.places import load_places
from pipelines.simulation.population import populate
from pipelines.simulation.protection import asylum_cases, return_cases
from pipelines.simulation.records import Outlet, Records, State, deliver
from pipelines.simulation.registers import deliver_register
from pipelines.simulation.returnees import kandas_cases
from pipelines.simulation.sampling import read_sample
from pipelines.simulation.support import settlement_support
from pipelines.simulation.verdicts import FEED as VERDICTS
from pipelines.simulation.verdicts import deliver_verdicts

POST_COLUMNS = ("post_code", "kind", "neighbour")
GENERATORS: dict[str, Callable[[State], Records]] = {
    "border_crossings": border_crossings,
    "advance_passengers": advance_passengers,
    "stay_notifications": stay_notifications,
    "residence_permits": residence_permits,
    "labour_permits": labour_permits,
    "citizenship_acts": citizenship_acts,
    "civil_events": civil_events,
    "employment_records": employment_records,
    "kandas_cases": kandas_cases,
    "asylum_cases": asylum_cases,
    "return_cases": return_cases,
    "settlement_support": settlement_support,
    "enforcement_cases": enforcement_cases,
    "residence_moves": residence_moves,
}


@dataclass(frozen=True)
class World:
    """What is wanted of a world.

    Attributes:
        persons: Foreigners; citizens who cross the same border come on top.
        days: Length.
        first_day: First business day.
        seed: The same seed gives the same world.
        crossings_per_day: About how many passages a day; `None` leaves the pace of the calibration.
        movement: Rates of movement that take the place of those of the calibration.
        communities: What is planted, likewise.
    """

    persons: int = 24_000
    days: int = 90
    first_day: date = date(2026, 1, 1)
    seed: int = 1
    crossings_per_day: int | None = None
    movement: Mapping[str, float] = field(default_factory=dict)
    communities: Mapping[str, object] = field(default_factory=dict)


def simulate(
    world: World,
    sources: Path,
    landing: Path,
    progress: Callable[[str, int, int], None],
    truth_folder: Path | None = None,
) -> Path:
    """Writes the deliveries of a world and the truth about it.

    Args:
        world: What is wanted.
        sources: Folder of feed contracts.
        landing: Folder into which deliveries are laid, `landing/<feed>/`.
        progress: Called with the feed, the delivery's number and the number of deliveries.
        truth_folder: Where the truth goes; `truth/` beside the landing where it is not given.

    Returns:
        The Parquet file that says whose each delivered record is.
    """
    folder = truth_folder or landing.parent / "truth"
    state, contracts = create_state(world, sources), load_contracts(sources)
    truth.write_stays(_made(folder), state.calibration, state.posts, state.stays, state.first)
    truth.write_persons(folder, state.calibration, state.book, state.people, state.places, state.first)
    truth.write_communities(folder, state.calibration, state.places, state.communities, state.first)
    truth.write_dwellings(folder, state.places, state.dwellings, state.stays, state.first)
    with truth.Truth(folder) as noted:
        outlet = Outlet(landing, noted, progress)
        for contract in contracts.values():
            if deliver_register(contract, state.calibration, sources, landing, world.first_day) is None:
                _deliver_feed(state, contract, sources, outlet)
    if VERDICTS in contracts:
        deliver_verdicts(contracts[VERDICTS], state.calibration, folder, landing, world.first_day, world.days)
    return folder / "record_truth.parquet"


def create_state(world: World, sources: Path) -> State:
    """The persons and movements of a world, as numbers; nothing is written."""
    known, book, places = load_calibration(), load_names(world.persons >= MANY_PERSONS), load_places()
    asked = {
        "movement": known.movement | dict(world.movement),
        "communities": known.communities | dict(world.communities),
    }
    calibration = known.model_copy(update=asked)
    posts = _posts(sources / "control_posts" / "real.csv")
    people = populate(calibration, book, world.persons, world.first_day, world.days, places.population, world.seed)
    pace = 1.0
    if world.crossings_per_day is not None:
        pace = pace_for(calibration, people, world.days, world.crossings_per_day, world.seed)
    stays = move(calibration, people, posts, world.days, pace, world.seed)
    recorded = passages(calibration, stays, world.days, world.seed)
    usual = usual_districts(places, people)
    planted = plant(calibration, people, stays, usual, len(places.district), world.days, world.seed)
    homes = settle(calibration, places, people, stays, planted, world.days, world.seed)
    return State(
        calibration,
        book,
        places,
        posts,
        people,
        stays,
        recorded,
        planted,
        homes,
        world.first_day,
        world.days,
        world.seed,
    )


def _deliver_feed(state: State, contract: Contract, sources: Path, outlet: Outlet) -> None:
    generator = GENERATORS.get(contract.simulation.generator)
    if generator is not None:
        deliver(state, contract, generator(state), outlet)
    elif contract.simulation.rows_per_delivery > 0:
        deliver(state, contract, drawn_records(state, contract, read_sample(contract, sources)), outlet)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _posts(path: Path) -> Posts:
    """The control posts of the real register, the busiest first."""
    convert = pyarrow.csv.ConvertOptions(
        include_columns=list(POST_COLUMNS), column_types=dict.fromkeys(POST_COLUMNS, "string"), strings_can_be_null=True
    )
    table = pyarrow.csv.read_csv(path, convert_options=convert)
    busiest = pa.array(load_calibration().posts["busiest"])
    rank = pc.fill_null(pc.index_in(table["post_code"], busiest), len(busiest))
    table = table.append_column("rank", rank).sort_by([("rank", "ascending"), ("post_code", "ascending")])
    return Posts(*(table[name].combine_chunks() for name in POST_COLUMNS))
