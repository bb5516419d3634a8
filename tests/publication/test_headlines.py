"""The numbers that Dagster plots are those that readers find."""

from __future__ import annotations

from pathlib import Path

from pipelines.publication.headlines import headlines
from pipelines.settings import Settings
from pipelines.storage.sessions import open_published

PRESENT = "SELECT round(sum(value)) FROM stock_on((SELECT as_of FROM meta.release))"


def test_plotted_stock_is_that_of_the_macro_and_nobody_is_named(two_nights: Path) -> None:
    settings = Settings(home=two_nights)
    told = headlines(settings)
    with open_published(settings, "aggregates") as connection:
        (present,) = connection.execute(PRESENT).fetchall()[0]
    assert told["persons_present"] == present > 0
    assert {"present_confirmed", "presence_unknown"} <= told.keys()
    assert {type(value) for value in told.values()} == {int}
