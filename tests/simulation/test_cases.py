"""What the feeds of cases tell of one person fits together, and passes the rules of each feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pipelines.simulation import World, create_state
from pipelines.simulation.enforcement import overstays
from pipelines.simulation.population import DAY
from tests.intake.intake_world import CONTRACTS, Centre
from tests.simulation.simulated_world import SOURCES, Simulated

FEEDS = (
    "asylum_cases",
    "citizenship_acts",
    "employment_records",
    "enforcement_cases",
    "kandas_cases",
    "labour_permits",
    "residence_moves",
    "return_cases",
    "settlement_support",
)
MONTHS = "SELECT *, CAST(month || '-01' AS DATE) AS on_day FROM employment_records WHERE NOT is_citizen_stripped"
ON = {"enforcement_cases": "event_at"}


@pytest.fixture(scope="module")
def centre(small_world: Simulated) -> Iterator[Centre]:
    """The small world as a centre takes it in, with the truth beside it as `person_of` and `stay`."""
    opened = Centre(small_world.landing.parent, {feed: CONTRACTS[feed] for feed in FEEDS})
    opened.load()
    for name in ("record_truth", "stays", "planted"):
        opened.connection.execute(f"CREATE TEMP VIEW {name} AS FROM '{small_world.truth}/{name}.parquet'")
    for feed in FEEDS:
        current = f"SELECT * FROM raw.{feed} WHERE outcome = 'current' AND known_to_seq IS NULL"
        truth = f"SELECT record_id, person_no FROM record_truth WHERE feed = '{feed}'"
        opened.connection.execute(
            f"CREATE TEMP TABLE {feed} AS SELECT * FROM ({current}) JOIN ({truth}) USING (record_id)"
        )
    yield opened
    opened.close()


def only(centre: Centre, query: str) -> list[Any]:
    """The values of the first column."""
    return [row[0] for row in centre.rows(query)]


@pytest.mark.parametrize("feed", FEEDS)
def test_nothing_is_held_back_but_what_was_spoiled(centre: Centre, feed: str) -> None:
    assert only(centre, f"SELECT count(*) FROM {feed}")[0] > 0
    held = f"SELECT DISTINCT record_id FROM quality.quarantine WHERE feed = '{feed}'"
    spoiled = f"SELECT DISTINCT record_id FROM planted WHERE feed = '{feed}'"
    assert only(centre, f"({held} EXCEPT {spoiled}) UNION ALL ({spoiled} EXCEPT {held})") == []


@pytest.mark.parametrize("feed", sorted(set(FEEDS) - {"citizenship_acts", "labour_permits"}))
def test_marks_are_those_of_identities_alone(centre: Centre, feed: str) -> None:
    marks = set(only(centre, f"SELECT DISTINCT unnest(flags) FROM {feed}"))
    assert marks <= {"born_on_first_january", "iin_unverified", "identity_insufficient", "paid_without_hours"}


def test_a_month_is_worked_by_the_holder_of_a_permit_that_is_valid_in_it(centre: Centre) -> None:
    covered = "permit.valid_from <= last_day(month.on_day) AND permit.valid_until >= month.on_day"
    orphans = f"""
        SELECT month.record_id
        FROM ({MONTHS}) AS month
        ANTI JOIN labour_permits AS permit
          ON permit.person_no = month.person_no AND permit.action IN ('granted', 'extended') AND {covered}
          AND permit.employer_bin = month.employer_bin"""
    assert only(centre, orphans) == []
    assert only(centre, "SELECT DISTINCT citizenship FROM employment_records WHERE is_citizen_stripped") == ["KAZ"]


def test_a_month_is_worked_by_somebody_who_is_in_the_country(centre: Centre) -> None:
    absent = f"""
        SELECT month.record_id
        FROM ({MONTHS}) AS month
        ANTI JOIN stays AS stay ON stay.person_no = month.person_no
          AND CAST(stay.entered_at AS DATE) <= last_day(month.on_day)
          AND CAST(stay.left_at AS DATE) >= greatest(month.on_day, month.contract_from)"""
    assert only(centre, absent) == []


@pytest.mark.parametrize(
    ("feed", "earlier", "later"),
    [
        ("asylum_cases", "applied", "certificate_issued"),
        ("asylum_cases", "certificate_issued", "extended"),
        ("asylum_cases", "certificate_issued", "refused"),
        ("asylum_cases", "refused", "appealed"),
        ("kandas_cases", "applied", "granted"),
        ("kandas_cases", "granted", "settled"),
        ("kandas_cases", "granted", "citizenship_acquired"),
        ("kandas_cases", "granted", "lapsed"),
        ("return_cases", "wish_expressed", "interviewed"),
        ("enforcement_cases", "violation", "fine"),
        ("enforcement_cases", "violation", "expulsion_ordered"),
        ("enforcement_cases", "expulsion_ordered", "expulsion_executed"),
    ],
)
def test_the_events_of_a_case_come_in_their_order(centre: Centre, feed: str, earlier: str, later: str) -> None:
    on = ON.get(feed, "event_on")
    pairs = f"""
        SELECT first.{on} <= second.{on} AS in_order FROM {feed} AS first JOIN {feed} AS second USING (case_id)
        WHERE first.event = '{earlier}' AND second.event = '{later}'"""
    answers = only(centre, pairs)
    assert answers
    assert all(answers)


def test_nobody_is_recognised_and_refused(centre: Centre) -> None:
    decided = "SELECT DISTINCT case_id, event FROM asylum_cases WHERE event IN ('recognised', 'refused')"
    assert only(centre, f"SELECT case_id FROM ({decided}) GROUP BY case_id HAVING count(*) > 1") == []


def test_a_family_of_returnees_shares_a_number_and_applies_on_one_day_or_later(centre: Centre) -> None:
    shared = "SELECT count(DISTINCT case_id) FROM kandas_cases GROUP BY family_id HAVING count(DISTINCT case_id) > 1"
    assert only(centre, shared)
    heads = "SELECT DISTINCT count(DISTINCT case_id) FILTER (family_role = 'head') FROM kandas_cases GROUP BY family_id"
    assert set(only(centre, heads)) <= {0, 1}


def test_a_kandas_who_becomes_a_citizen_has_the_act(centre: Centre) -> None:
    became = "SELECT person_no, event_on FROM kandas_cases WHERE event = 'citizenship_acquired'"
    acts = "SELECT person_no, effective_on FROM citizenship_acts WHERE to_citizenship = 'KAZ'"
    assert only(centre, became)
    assert only(centre, f"{became} EXCEPT {acts}") == []


def test_support_goes_to_cases_that_other_feeds_know(centre: Centre) -> None:
    known = "SELECT case_id, person_no FROM kandas_cases UNION SELECT case_id, person_no FROM asylum_cases"
    assert only(centre, f"SELECT entry_id FROM settlement_support ANTI JOIN ({known}) USING (case_id, person_no)") == []


def test_who_is_expelled_leaves_soon_after_on_the_way_that_the_border_sees(centre: Centre) -> None:
    executed = (
        "SELECT person_no, timezone('Asia/Almaty', event_at) AS at FROM enforcement_cases "
        "WHERE event = 'expulsion_executed'"
    )
    left = "CAST(stay.left_at AS TIMESTAMP) BETWEEN executed.at AND executed.at + INTERVAL 2 HOUR"
    assert only(centre, executed)
    query = f"FROM ({executed}) AS executed ANTI JOIN stays AS stay ON stay.person_no = executed.person_no AND {left}"
    assert only(centre, query) == []


def test_an_overstay_is_a_stay_beyond_the_days_allowed_without_papers() -> None:
    state = create_state(World(persons=6_000, days=60, seed=3), SOURCES)
    row, beyond = overstays(state)
    kinds = list(state.calibration.travellers)
    assert len(row) > 10
    assert {kinds[kind] for kind in state.people.kind[state.stays.person[row]]} <= {"visitor", "shuttle", "transit"}
    assert np.all(beyond - state.stays.entered[row] // DAY >= 30)
    assert np.all(state.stays.left[row] // DAY > beyond)


def test_citizens_move_too_and_families_move_together(centre: Centre) -> None:
    assert only(centre, "SELECT count(*) FROM residence_moves WHERE citizenship = 'KAZ'")[0] > 0
    assert set(only(centre, "SELECT DISTINCT direction FROM residence_moves")) == {
        "internal",
        "immigration",
        "emigration",
    }
