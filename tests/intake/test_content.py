"""What a row becomes in bronze: equal in every format, without what may not be kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.settings import CHECKOUT
from tests.intake.intake_world import (
    CONTRACTS,
    Centre,
    Row,
    Sent,
    as_csv,
    as_parquet,
    crossings,
    sent,
    small_contract,
    visits,
)
from tests.intake.test_properties import environment

SECRET = "Буддизмнен"
FORMATS = ("csv.gz", "csv.zst", "jsonl", "jsonl.gz", "parquet", "xlsx")


def everything_kept(centre: Centre) -> str:
    """All that the centre wrote, as text: bronze, quarantine, ledger and the tables of intake."""
    parts = [centre.home.ledger.read_text()]
    for folder in (centre.home.bronze, centre.home.quarantine):
        if list(folder.rglob("*.parquet")):
            rows = centre.rows(f"SELECT * FROM read_parquet('{folder}/**/*.parquet', union_by_name = true)")
            parts += [str([cell.decode() if isinstance(cell, bytes) else cell for cell in row]) for row in rows]
    for table in ("intake.delivery", "intake.quarantine", "intake.standing", "quality.drift"):
        parts.append(str(centre.rows(f"FROM {table}")))
    return "\n".join(parts)


def typed(centre: Centre, prefix: str) -> list[tuple[object, ...]]:
    """Typed rows of one delivery by the number within it."""
    names = ", ".join(
        column.name for column in centre.contracts["border_crossings"].columns if column.name != "event_id"
    )
    return centre.rows(
        f"SELECT replace(event_id, $1, ''), {names} FROM raw.border_crossings WHERE event_id LIKE $1 || '%' ORDER BY 1",
        prefix,
    )


@pytest.fixture(scope="module")
def formats(shared_centre: Centre) -> Centre:
    for sequence, kind in enumerate(("csv", *FORMATS), 900):
        shared_centre.land(sent(in_format(kind), kind, sequence=sequence))
    rows = in_format("semicolon")
    shared_centre.land(Sent(as_csv(rows, ";", "\r\n").encode("utf-8-sig"), 20, sequence=910))
    rows = in_format("windows")
    shared_centre.land(Sent(as_csv(rows).encode("cp1251"), 20, sequence=911))
    shared_centre.load()
    return shared_centre


def in_format(kind: str) -> list[Row]:
    rows = crossings(f"F{kind}", 20)
    return [
        row | {"surname": "Сынаков, Әке" if kind not in ("windows",) else "Сынаков", "document_number": "N1"}
        for row in rows
    ]


@pytest.mark.parametrize("kind", [*FORMATS, "semicolon"])
def test_every_format_gives_the_same_typed_rows(formats: Centre, kind: str) -> None:
    found = typed(formats, f"F{kind}-")
    assert len(found) == 20
    assert found == typed(formats, "Fcsv-")


def test_windows_1251_is_found_and_read(formats: Centre) -> None:
    names = formats.rows(
        "SELECT DISTINCT surname, given_names FROM raw.border_crossings WHERE event_id LIKE 'Fwindows-%'"
    )
    assert names == [("Сынаков", "Тест")]
    assert formats.verdict("border_crossings_20260301_911.csv")["encoding"] == "cp1251"


def test_natural_types_of_parquet_and_json_equal_their_texts(tmp_path: Path) -> None:
    centre = Centre(tmp_path, {"visits": small_contract("visits")})
    moment = datetime(2026, 3, 1, 5, tzinfo=UTC)
    shape = pa.schema(
        [("id", pa.int64()), ("seen_at", pa.timestamp("us", "UTC")), ("note", pa.string()), ("days", pa.float64())]
    )
    natural = as_parquet([{"id": 1, "seen_at": moment, "note": "", "days": 7.0}], shape)
    centre.land(Sent(natural, 1, "parquet", feed="visits", sequence=1))
    line = json.dumps({"id": 2, "seen_at": "2026-03-01T10:00:00+05:00", "note": "", "state": None, "days": 7})
    centre.land(Sent(line.encode(), 1, "jsonl", feed="visits", sequence=2))
    centre.load()
    found = centre.rows("SELECT id, seen_at, note, state, days FROM raw.visits ORDER BY id")
    assert found == [("1", moment, None, None, 7), ("2", moment, None, None, 7)]
    centre.close()


def test_a_record_named_by_a_moment_and_a_number_is_one_however_they_are_written(tmp_path: Path) -> None:
    """As posts and their hours are: a correction in another format corrects, and does not stand beside."""
    centre = Centre(tmp_path, {"visits": small_contract("visits", record_id=["seen_at", "days"])})
    moment = datetime(2026, 3, 1, 5, tzinfo=UTC)
    local, world = "2026-03-01T10:00:00+05:00", "2026-03-01 05:00:00Z"
    centre.load(sent([{"id": "A", "seen_at": local, "days": "7"}], feed="visits"))
    for sequence, written in enumerate(("2026-03-01T10:00:00", world), 2):
        centre.land(sent([{"id": "A", "seen_at": written, "days": 7}], "jsonl", feed="visits", sequence=sequence))
    natural = {"id": "A", "seen_at": moment, "days": 7.0}
    centre.land(sent([natural], "parquet", feed="visits", sequence=4))
    centre.load()
    assert list(centre.current("visits")) == [f"{local}|7"]
    told = centre.rows("SELECT rows_accepted, rows_repeated FROM quality.delivery ORDER BY sequence")
    assert told == [(1, 0), (0, 1), (0, 1), (0, 1)]
    centre.close()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01T10:00:00+05:00", "2026-03-01 05:00"),
        ("2026-03-01T05:00:00Z", "2026-03-01 05:00"),
        ("2026-03-01 10:00:00", "2026-03-01 05:00"),
        ("2024-02-28 10:00:00", "2024-02-28 04:00"),
        ("2024-03-01 10:00:00", "2024-03-01 05:00"),
        ("2026-03-01T24:00:00+05:00", "2026-03-01 19:00"),
    ],
)
def test_moment_without_offset_is_local_time_of_its_date(moments: dict[str, datetime], text: str, utc: str) -> None:
    assert moments[text] == datetime.fromisoformat(f"{utc}+00:00")


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, datetime]:
    texts = [
        "2026-03-01T10:00:00+05:00", "2026-03-01T05:00:00Z", "2026-03-01 10:00:00", "2024-02-28 10:00:00",
        "2024-03-01 10:00:00", "2026-03-01T24:00:00+05:00",
    ]  # fmt: skip
    centre = Centre(tmp_path_factory.mktemp("moments"), {"visits": small_contract("visits")})
    rows = [visits(**{f"M{n}": "x"})[0] | {"seen_at": text, "note": text} for n, text in enumerate(texts)]
    centre.load(sent(rows, feed="visits"))
    found = dict(centre.rows("SELECT note, seen_at FROM raw.visits"))
    centre.close()
    return found


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("column", ["religion", "Religion ", "ethnicity"])
def test_column_that_may_not_be_kept_is_nowhere(centre: Centre, column: str, kind: str) -> None:
    rows = [row | {column: SECRET} for row in crossings("R", 10)]
    rows[3]["event_at"] = "yesterday"
    name = centre.land(sent(rows, kind))
    centre.load()
    assert centre.counts(name) == ("accepted", 9, 1, 0)
    assert centre.rows("SELECT kind, column_name, value, row_count FROM quality.drift") == [
        ("forbidden_column", column.strip().lower(), None, 10)
    ]
    assert SECRET not in everything_kept(centre)


@pytest.mark.parametrize("citizenship", ["KZ", "Казахстан", "ҚАЗАҚСТАН", "Kazakhstan"])
def test_rows_of_citizens_lose_what_names_them(centre: Centre, citizenship: str) -> None:
    own = {
        "citizenship": citizenship, "surname": SECRET, "iin": "840517300010", "mrz": "P<KAZ" + SECRET,
        "conveyance": "KC-0412", "visa_number": "V-77", "document_number": "N12345678", "birth_place": "Қала-77",
        "unknown": "U-77",
    }  # fmt: skip
    centre.load(sent([row | own for row in crossings("C", 10)]))
    kept = everything_kept(centre)
    for name in ("surname", "iin", "mrz", "conveyance", "visa_number", "document_number", "birth_place", "unknown"):
        assert own[name] not in kept
    assert centre.rows(
        """SELECT count(*), count(event_at), count(post_code), min(citizenship), bool_and(is_citizen_stripped),
        count(surname), count(sex), count(birth_date), count(normalised), count(extra) FROM raw.border_crossings"""
    ) == [(10, 10, 10, "KAZ", True, 0, 0, 0, 0, 0)]


def test_no_model_reads_columns_that_no_contract_knows() -> None:
    models = [path for folder in ("models", "macros") for path in (CHECKOUT / "dbt_project" / folder).rglob("*.sql")]
    assert models
    assert [path.name for path in models if re.search(r"\bextra\b", path.read_text(encoding="utf-8"))] == []


def test_extra_columns_and_unknown_codes_are_kept_and_reported(centre: Centre) -> None:
    rows = [
        row | {"lane": f"L{n}", "transport": "camel" if n == 2 else "road"} for n, row in enumerate(crossings("E", 5))
    ]
    centre.load(sent(rows, day=date(2026, 3, 2)))
    drift = centre.rows("SELECT kind, column_name, value, row_count, business_date FROM quality.drift ORDER BY kind")
    assert drift == [
        ("extra_column", "lane", None, 5, date(2026, 3, 2)),
        ("unknown_code", "transport", "camel", 1, date(2026, 3, 2)),
    ]
    found = centre.rows("SELECT extra['lane'], transport, flags FROM raw.border_crossings WHERE transport = 'camel'")
    assert found == [("L2", "camel", ["unknown_code:transport"])]


@pytest.mark.parametrize(("kind", "line"), [("csv", 6), ("jsonl.gz", 5), ("parquet", 5), ("xlsx", 6)])
def test_line_of_a_row_is_that_of_its_file_where_a_header_is_a_line_of_its_own(
    tmp_path: Path, kind: str, line: int
) -> None:
    centre = Centre(tmp_path, {"visits": small_contract("visits")})
    rows = visits(**{name: "bad" if name != "E" else None for name in "ABCDEFGH"})
    name = centre.land(sent(rows, kind, feed="visits"))
    centre.load()
    held = centre.rows("SELECT line_number FROM quality.quarantine WHERE file_name = $1", name)
    centre.close()
    assert held == [(line,)]


def test_row_that_is_held_back_is_shown_in_the_letters_of_its_file(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    rows = [row | {"surname": "Петрова"} for row in crossings("A", 8)]
    rows[3] |= {"event_at": "soon"}
    name = centre.land(Sent(as_csv(rows, ";").encode("cp1251"), 8))
    centre.load()
    centre.close()
    asked = ["quarantine", "show", "border_crossings", name, "--json", "--purpose", "data_quality", "--case", "Q-1"]
    [row] = json.loads(CliRunner().invoke(main, asked, env=environment(tmp_path)).stdout)
    assert (row["line"], row["raw"].split(";")[:2]) == (5, ["A-004", "soon"])
    assert "Петрова" in row["raw"]
    asked[3] = "border_crossings_20260301_999.csv"
    unknown = CliRunner().invoke(main, asked, env=environment(tmp_path))
    assert (unknown.exit_code, "is known" in unknown.stderr) == (2, True)


@pytest.mark.parametrize(
    ("feed", "moment", "more"),
    [
        ("post_hours", "hour_from", {"post_code": "GUW", "lanes_open": "2"}),
        ("stay_notifications", "reported_at", {"notification_id": "N", "action": "arrived", "kato": "231010000"}),
        ("enforcement_cases", "event_at", {"event_id": "E", "case_id": "C", "event": "fine", "kato": "231010000"}),
    ],
)
def test_a_stamp_without_an_offset_is_read_by_the_clock_of_its_place(
    tmp_path: Path, feed: str, moment: str, more: Row
) -> None:
    """Until 1 March 2024 Atyrau kept UTC+5, an hour behind Almaty."""
    person = {} if feed == "post_hours" else {"surname": "Сынақов", "birth_date": "1984-05-17", "citizenship": "UZB"}
    centre = Centre(tmp_path, {feed: CONTRACTS[feed]})
    centre.load(sent([more | {moment: "2024-01-31 23:00:00"} | person], feed=feed))
    told = f"SELECT CAST({moment} AT TIME ZONE 'UTC' AS VARCHAR), CAST(happened_on AS VARCHAR) FROM raw.{feed}"
    found = centre.rows(told)
    centre.close()
    assert found == [("2024-01-31 18:00:00", "2024-01-31")]
