"""The code location: everything that Dagster shows, built from settings, contracts and the dbt manifest."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.assembly import build
from pipelines.settings import Settings


@dg.definitions
def centre() -> dg.Definitions:
    """The definitions of the centre whose settings the environment gives."""
    return build(Settings.from_environment())
