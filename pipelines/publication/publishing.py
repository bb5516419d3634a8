"""Publishing one load: files written beside, settled as a generation, links swapped last."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines import hidden, identity
from pipelines.audit import images
from pipelines.modelling import manifest_path
from pipelines.publication import generations, plan, pseudonyms, registers
from pipelines.publication.file import PublishedFile
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, published_file
from pipelines.storage.loads import Load


def publish(settings: Settings, load: Load) -> dict[str, int]:
    """Publishes a load: the four database files.

    Readers of the last generation keep it; a crash at any point leaves it in place. Publishing the same load again
    gives the same content.

    Args:
        settings: Where the centre lies.
        load: The load, modelled and judged.

    Returns:
        Rows published, by file.

    Raises:
        PublicationError: A file could not be finished, or the disk is too full to begin.
    """
    home = Home(settings.home)
    generations.demand_space(home)
    with open_build(settings) as connection, pseudonyms.generation(connection, settings, load.load_seq):
        counts = _write(connection, settings, home.temporary, load)
    _settle(home, load)
    generations.remove_old(home)
    return counts


def _settle(home: Home, load: Load) -> None:
    written = {name: _part(home.temporary, name) for name in plan.FILES}
    finished = {name: generations.settle_generation(home, name, path, load.load_seq) for name, path in written.items()}
    for name, path in finished.items():
        generations.swap(home, name, path)


def _write(connection: duckdb.DuckDBPyConnection, settings: Settings, folder: Path, load: Load) -> dict[str, int]:
    tables, macros = plan.tables(manifest_path(settings)), plan.macros()
    files: dict[str, PublishedFile] = {}
    counts: dict[str, int] = {}
    images.lay_out(connection, Home(settings.home).access_log)
    model = identity.model_of(Home(settings.home), load.load_seq)
    identity.estimate(connection, load.load_seq, model)
    identity.count_insufficient(connection, model)
    hidden.estimate(connection, load.load_seq)
    registers.lay_out(connection, load, settings.sources)
    for name in plan.FILES:
        registers.lay_out_macros(connection, macros, name)
        files[name] = PublishedFile(connection, name, _part(folder, name), published_file(settings, name)[1])
        counts[name] = files[name].write(tables, macros, copied=files["aggregates"] if name == "analysis" else None)
    for file in files.values():
        file.close()
    return counts


def _part(folder: Path, name: str) -> Path:
    return folder / f"{name}.duckdb"
