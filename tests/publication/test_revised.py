"""What two releases tell differently of the same days, and that every change has its cause."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.revisions import NoSuchReleaseError, compare
from pipelines.storage import attach_file, open_memory
from tests.publication.published_world import opened, rows

UNEXPLAINED = """
WITH name AS (
  SELECT min_by(release_id, load_seq) AS earlier, max_by(release_id, load_seq) AS later, min(as_of) AS last_day
  FROM meta.release_history),
told AS (
  SELECT * FROM as_released((SELECT later FROM name))
  UNION ALL BY NAME SELECT * REPLACE (-value AS value) FROM as_released((SELECT earlier FROM name))
  UNION ALL BY NAME SELECT * EXCLUDE (cause, change), -change AS value
  FROM revised_between((SELECT earlier FROM name), (SELECT later FROM name))
)
SELECT table_name, period, dimensions, indicator, sum(value) FROM told WHERE period <= (SELECT last_day FROM name)
GROUP BY ALL HAVING abs(sum(value)) > 1e-6"""
CAUSES = "SELECT DISTINCT cause FROM revised_between('2026-01-31.1', '2026-02-10.2') ORDER BY 1"
ANOTHER_MODEL = """
INSERT INTO changed.reference.presence_curve
SELECT * REPLACE ('other' AS model_version, 2 AS known_from_seq, NULL AS known_to_seq, probability / 2 AS probability)
FROM changed.reference.presence_curve WHERE known_to_seq IS NULL;
UPDATE changed.reference.presence_curve SET known_to_seq = 2 WHERE known_to_seq IS NULL AND model_version <> 'other';
USE changed"""

Figure = tuple[float, float, dict[str, float]]


def changed(connection: duckdb.DuckDBPyConnection, table: str, indicator: str, day: date) -> Figure:
    """Before, after and causes of one national figure."""
    found = [
        (row["before"], row["after"], row["causes"])
        for row in compare(connection, "1", "2").changes
        if (row["table_name"], row["indicator"], row["period"]) == (f"statistics.{table}", indicator, day)
    ]
    assert len(found) == 1
    return found[0]


def test_causes_of_every_cell_add_up_to_what_two_releases_tell_differently(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        assert rows(connection, UNEXPLAINED) == []
        assert {"late_delivery", "regrouped"} <= {cause for (cause,) in rows(connection, CAUSES)}
        months = "FROM revised_between('2026-01-31.1', '2026-02-10.2') WHERE table_name = 'statistics.overstay'"
        assert rows(connection, f"SELECT DISTINCT period {months}") == [(date(2026, 1, 31),)]


def test_a_late_exit_changes_the_past_day_in_the_later_release_and_is_named(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        assert changed(connection, "flow_daily", "crossings", date(2026, 1, 20)) == (0.0, 1.0, {"late_delivery": 1.0})
        before, after, causes = changed(connection, "stock_daily", "present_confirmed", date(2026, 1, 31))
        assert (before - after, causes) == (1.0, {"late_delivery": -1.0})
        told = (
            "SELECT sum(value) FROM as_released('2026-01-31.1') WHERE period = $1 AND indicator = 'present_confirmed'"
        )
        assert connection.execute(told, [date(2026, 1, 31)]).fetchall() == [(before,)]


def test_another_model_of_presence_is_a_cause_of_its_own(two_nights: Path, tmp_path: Path) -> None:
    shutil.copy(two_nights / "generations" / "aggregates-2.duckdb", tmp_path / "changed.duckdb")
    with open_memory() as connection:
        attach_file(connection, tmp_path / "changed.duckdb", "changed", None)
        for statement in ANOTHER_MODEL.split(";"):
            connection.execute(statement)
        assert rows(connection, UNEXPLAINED) == []
        assert ("model_change",) in rows(connection, CAUSES)


def test_releases_are_named_in_order_and_exist(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        assert compare(connection, "2", "2026-02-10.2").changes == []
        with pytest.raises(NoSuchReleaseError, match="loads 1 to 2"):
            compare(connection, "1", "9")
        with pytest.raises(NoSuchReleaseError, match="earlier release first"):
            compare(connection, "2", "1")
    for named in (("1", "9"), ("2", "1"), ("nonsense", "2")):
        assert CliRunner().invoke(main, ["diff", *named], env={"MIC_HOME": str(two_nights)}).exit_code == 2


def test_command_tells_cells_apart_where_it_is_asked(two_nights: Path) -> None:
    asked = ["diff", "1", "2", "--json", "--by", "citizenship", "--from", "2026-01-20", "--to", "2026-01-20"]
    told = CliRunner().invoke(main, asked, env={"MIC_HOME": str(two_nights)})
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert {row["period"] for row in found["changes"]} == {"2026-01-20"}
    flows = [row for row in found["changes"] if row["table_name"] == "statistics.flow_daily"]
    assert [(row["dimensions"], row["causes"]) for row in flows] == [
        ("citizenship=UZB;direction=exit", {"late_delivery": 1.0})
    ]
