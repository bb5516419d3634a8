"""That intake says of every sample beside a contract what the files of expected reasons say, no more and no less."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from tests.contracts.sample_rows import SOURCES, sample_path
from tests.contracts.test_contracts import SAMPLED, WITHOUT_COLUMNS, contract, rows
from tests.intake.intake_world import DAY, Centre, Sent


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """All samples, the good in one load and the bad in the next; nothing is held, however many rows are bad."""
    contracts = {feed: contract(feed).model_copy(update={"hold_share": 1.0}) for feed in SAMPLED}
    opened = Centre(tmp_path_factory.mktemp("samples"), contracts)
    for number, name in enumerate(("good", "bad"), 1):
        opened.load(*(sample(feed, name, number) for feed in SAMPLED))
    yield opened
    opened.close()


def sample(feed: str, name: str, sequence: int) -> Sent:
    path = sample_path(feed, name)
    count, kind = len(rows(feed, name)) - 1, path.suffix.removeprefix(".")
    return Sent(path.read_bytes(), count, kind, DAY, sequence, feed, manifest={"kind": "increment"})


def expected(feed: str, name: str) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = yaml.safe_load((SOURCES / feed / name).read_text(encoding="utf-8"))
    return {record_id: sorted(given) for record_id, given in codes.items()}


@pytest.mark.parametrize("feed", SAMPLED)
def test_good_rows_are_accepted_with_the_marks_that_are_expected(centre: Centre, feed: str) -> None:
    found = centre.rows(f"SELECT record_id, list_sort(flags) FROM raw.{feed} WHERE len(flags) > 0")
    assert dict(found) == expected(feed, "good.expected.yml")
    accepted = f"SELECT count(*) FROM raw.{feed}"
    assert centre.rows(accepted) == [(len(rows(feed, "good")) - 1,)]


@pytest.mark.parametrize("feed", SAMPLED)
def test_bad_rows_are_held_back_for_the_reasons_that_are_expected(centre: Centre, feed: str) -> None:
    held = "SELECT DISTINCT record_id, list_sort(reasons) FROM quality.quarantine WHERE feed = $1"
    # A row that cannot be split into its columns has none from which its id could be read.
    wanted = {key if WITHOUT_COLUMNS.isdisjoint(codes) else None: codes for key, codes in bad(feed).items()}
    assert dict(centre.rows(held, feed)) == wanted


def bad(feed: str) -> dict[str, list[str]]:
    return expected(feed, "bad.expected.yml")
