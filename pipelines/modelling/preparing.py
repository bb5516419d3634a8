"""Preparing the dbt project for those who read its manifest without running it.

Nothing is built here; the build database is not opened.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.modelling.calling import PROJECT, manifest_path
from pipelines.modelling.parsing import FOLDERS, parsed, project_files, read_whole
from pipelines.modelling.sources import write_sources
from pipelines.settings import KEY_NAMES, Settings
from pipelines.storage import Home
from pipelines.storage.keys import make_missing_keys


def prepare_manifest(settings: Settings) -> Path:
    """Writes what the project must know of the feeds and parses it where it changed; returns the manifest's path.

    A manifest that a kill has cut is made anew.

    A new home is given its folders and keys, because the profile names them.
    """
    Home(settings.home).prepare()
    make_missing_keys(settings)
    changed = write_sources(settings)
    path = manifest_path(settings)
    if changed or not read_whole(path) or path.stat().st_mtime_ns < _newest():
        parsed(settings)
    return path


def _newest() -> int:
    """When a file of the project, or a folder that lost one, last changed."""
    folders = [place for folder in FOLDERS for place in (PROJECT / folder).rglob("*") if place.is_dir()]
    return max(place.stat().st_mtime_ns for place in [PROJECT, *folders, *project_files()])


def prepare_project() -> None:
    """Parses the project for all homes to come; nothing is left but what is kept with the project."""
    with TemporaryDirectory() as folder:
        prepare_manifest(Settings(home=Path(folder), keys=dict.fromkeys(KEY_NAMES, "unused")))


if __name__ == "__main__":
    prepare_project()
