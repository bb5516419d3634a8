"""How many overstays are right, and how many are found of those that an act after the last allowed day shows.

An overstay is right where the person in truth stayed beyond the last allowed day. An act is an exit that the border
recorded, a message of a host or a paid month, of the person and the stay that the truth names.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from pipelines.benchmarks.even_hands import REPORTED_WITHIN
from pipelines.benchmarks.processes import Measure
from pipelines.storage.database import quoted

# The first and the last of such days: a passage of the last days may still be on its way.
QUERY = """WITH truth AS (
  SELECT who.person_no, who.person_id, stay.exit_recorded,
    CAST(CAST(stay.entered_at AS TIMESTAMPTZ) AS DATE) AS first_day,
    CAST(CAST(stay.left_at AS TIMESTAMPTZ) AS DATE) AS left_on
  FROM read_parquet({stays}) AS stay JOIN who USING (person_no)
), judged AS (
  SELECT truth.*, stay.allowed_until,
    coalesce(stay.control_state IN ('overstay', 'left_late'), false) AS is_overstay
  FROM registry.stay AS stay
  ASOF JOIN truth ON stay.person_id = truth.person_id AND stay.entered_on >= truth.first_day
  WHERE stay.entered_on <= truth.left_on AND stay.allowed_until < $last
), act AS (
  SELECT record.person_no, happened.day FROM read_parquet({record_truth}) AS record JOIN (
    SELECT 'stay_notifications' AS feed, record_id, least(reported_on, stay_until) AS day
    FROM intermediate.notification_event WHERE action <> 'left'
    UNION ALL SELECT 'employment_records', record_id, worked_from FROM intermediate.employment_event
    WHERE is_worked AND worked_from <= worked_until
  ) AS happened USING (feed, record_id)
), shown AS (
  SELECT judged.*, left_on > allowed_until AS is_beyond, (
    exit_recorded AND left_on > allowed_until AND left_on + {reported} <= $last
    OR (person_no, first_day) IN (
      SELECT (late.person_no, late.first_day) FROM judged AS late JOIN act ON act.person_no = late.person_no
      WHERE act.day > late.allowed_until AND act.day BETWEEN late.first_day AND late.left_on)
  ) AS is_shown FROM judged
)
SELECT count(*) FILTER (is_overstay), count(*) FILTER (is_overstay AND is_beyond),
  count(*) FILTER (is_shown), count(*) FILTER (is_shown AND is_overstay)
FROM shown"""


def judge_overstays(connection: duckdb.DuckDBPyConnection, truth: Path, last: date) -> list[Measure]:
    """The precision and the recall of overstays.

    Args:
        connection: The build database, with the table `who` that names the persons of the truth.
        truth: Folder of the truth.
        last: Last day that the centre covers.
    """
    files = {name: quoted(truth / f"{name}.parquet") for name in ("stays", "record_truth")}
    query = QUERY.format(reported=REPORTED_WITHIN, **files)
    called, right, shown, found = connection.execute(query, {"last": last}).fetchall()[0]
    return [
        {"measure": "overstay_precision", "stays": called, "right": right, "rate": _share(right, called)},
        {"measure": "overstay_recall", "stays": shown, "right": found, "rate": _share(found, shown)},
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None
