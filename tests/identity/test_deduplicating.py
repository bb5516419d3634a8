"""The linkage on observations that stand alone."""

from __future__ import annotations

from pathlib import Path

from pipelines.identity.deduplicating import link_all, name_clusters
from pipelines.identity.measuring import measure
from pipelines.simulation.identity_world import collapse, identity_records
from pipelines.storage import Home, open_memory


def test_every_observation_of_the_world_gets_one_cluster(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with open_memory() as connection:
        connection.register("records", identity_records(400, 3))
        _, observations = collapse(connection, "records")
        link_all(connection, home)
        name_clusters(connection)
        found = measure(connection)
        assert found.observations == observations
        assert found.persons <= 400 < found.clusters < observations
        assert found.precision > 0.99
