"""A few verdicts of stewards on pairs of records, by the truth: renewed documents are one person, twins are two."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from pipelines.contracts import Contract
from pipelines.simulation.calibration import Calibration, Sender
from pipelines.simulation.delivery import Delivery, write_delivery
from pipelines.storage import open_memory

PAIRS = 12
DELIVERIES = 2
FEED = "steward_decisions"

CANDIDATES = """
CREATE TEMP TABLE candidate AS
WITH person AS (
    SELECT person_no, document_renewed_on IS NOT NULL AS is_renewed,
        family_no = lead(family_no) OVER by_number AND birth_date = lead(birth_date) OVER by_number AS has_twin,
        family_no = lag(family_no) OVER by_number AND birth_date = lag(birth_date) OVER by_number AS is_twin
    FROM read_parquet($persons) WHERE citizenship <> 'KAZ' WINDOW by_number AS (ORDER BY person_no)
)
SELECT * FROM person WHERE is_renewed OR has_twin OR is_twin
"""
RECORDS = """
CREATE TEMP TABLE record AS
SELECT candidate.*, feed, min(record_id) AS record_id
FROM read_parquet($records) JOIN candidate USING (person_no)
WHERE feed IN ('border_crossings', 'residence_permits') GROUP BY ALL
"""
CHOSEN = """
WITH same AS (
    SELECT crossing.feed AS left_feed, crossing.record_id AS left_record_id, permit.feed AS right_feed,
        permit.record_id AS right_record_id, 'same' AS verdict, 'документ заменён, лицо то же' AS reason
    FROM record AS crossing JOIN record AS permit USING (person_no)
    WHERE crossing.feed = 'border_crossings' AND permit.feed = 'residence_permits' AND crossing.is_renewed
    ORDER BY person_no LIMIT $pairs
),
twins AS (
    SELECT one.feed, one.record_id, other.feed, other.record_id, 'different', 'близнецы'
    FROM record AS one JOIN record AS other ON other.person_no = one.person_no + 1 AND other.feed = one.feed
    WHERE one.has_twin AND other.is_twin ORDER BY one.person_no, one.feed LIMIT $pairs
),
pair AS (
    SELECT *, row_number() OVER (ORDER BY left_record_id, right_record_id) AS number
    FROM (FROM same UNION ALL FROM twins)
)
SELECT
    format('SD{}{:04d}', strftime($day, '%Y%m%d'), number) AS decision_id,
    strftime($day + INTERVAL 11 HOURS + to_minutes(number), '%Y-%m-%dT%H:%M:%S+05:00') AS decided_at,
    'steward-1' AS steward, * EXCLUDE (number)
FROM pair WHERE number % $deliveries = $part ORDER BY number
"""


def deliver_verdicts(
    contract: Contract, calibration: Calibration, truth: Path, landing: Path, first_day: date, days: int
) -> None:
    """Writes the verdicts of the world's stewards, in `DELIVERIES` parts over its second half."""
    sender = calibration.senders.get(FEED, Sender(format=contract.simulation.format))
    with open_memory() as connection:
        connection.execute(CANDIDATES, {"persons": str(truth / "persons.parquet")})
        connection.execute(RECORDS, {"records": str(truth / "record_truth.parquet")})
        for part in range(DELIVERIES):
            day = first_day + timedelta(days=max(0, days - 1 - (DELIVERIES - 1 - part) * days // 3))
            values = {"pairs": PAIRS, "day": day, "deliveries": DELIVERIES, "part": part}
            table = connection.execute(CHOSEN, values).to_arrow_table()
            if table.num_rows:
                write_delivery(table, Delivery(FEED, day), contract, sender, landing)
