"""Intake gives the samples beside every contract exactly the marks and reasons that stand beside them.

That samples and expectations agree with the contract is shown in `test_contracts.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
import yaml

from pipelines.contracts import load_contracts
from pipelines.settings import CHECKOUT
from tests.intake.intake_world import Centre, Sent

SOURCES = CHECKOUT / "sources"
CONTRACTS = load_contracts(SOURCES)
Codes = dict[str, list[str]]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that has taken in the samples of every feed, good and bad rows in one delivery."""
    released = {feed: contract.model_copy(update={"hold_share": 1.0}) for feed, contract in CONTRACTS.items()}
    found = Centre(tmp_path_factory.mktemp("samples"), released)
    found.load(*(sent(feed) for feed in CONTRACTS))
    yield found
    found.close()


def sample(feed: str, name: str) -> list[list[str]]:
    """Header and rows of a sample."""
    return list(csv.reader(io.StringIO((SOURCES / feed / name).read_text(encoding="utf-8"), newline="")))


def sent(feed: str) -> Sent:
    """The good rows of a feed and, after them, the bad ones."""
    rows = [*sample(feed, "good.csv"), *sample(feed, "bad.csv")[1:]]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return Sent(text.getvalue().encode(), len(rows) - 1, feed=feed)


def by_line(feed: str, name: str, first: int) -> dict[int, list[str]]:
    """Expected codes of a sample's rows by their line in the delivery."""
    path = (SOURCES / feed / name).with_suffix(".expected.yml")
    expected: Codes = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    header, *rows = sample(feed, name)
    places = [header.index(CONTRACTS[feed].column(part).delivered_as) for part in CONTRACTS[feed].record_id]
    ids = ["|".join(row[place] for place in places) for row in rows]
    return {line: sorted(expected[key]) for line, key in enumerate(ids, first) if key in expected}


@pytest.mark.parametrize("feed", CONTRACTS)
def test_bad_rows_are_held_back_for_the_reasons_told(feed: str, centre: Centre) -> None:
    held = centre.rows("SELECT line_number, list_sort(reasons) FROM quality.quarantine WHERE feed = $1", feed)
    assert dict(held) == by_line(feed, "bad.csv", len(sample(feed, "good.csv")) + 1)


@pytest.mark.parametrize("feed", CONTRACTS)
def test_good_rows_are_accepted_with_the_marks_told(feed: str, centre: Centre) -> None:
    expected: Codes = yaml.safe_load((SOURCES / feed / "good.expected.yml").read_text(encoding="utf-8")) or {}
    accepted = centre.rows(f"SELECT record_id, list_sort(flags) FROM raw.{feed}")
    assert len(accepted) == len(sample(feed, "good.csv")) - 1
    assert {key: marks for key, marks in accepted if marks} == {key: sorted(marks) for key, marks in expected.items()}
