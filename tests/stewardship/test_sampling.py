"""A blind sample: what is drawn, what it does not tell, and the estimate that its verdicts make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from pipelines.identity import load_model
from pipelines.identity.clerical import clerical_precision, weighted
from pipelines.identity.estimating import estimate
from pipelines.identity.measuring import most_error
from pipelines.stewardship import Drawn, draw
from pipelines.storage import open_memory
from tests.identity.conftest import Register, Seen, Verdict, make_register

MODEL = load_model()
NAMED = {"surname": "Каримов", "given": "Рустам", "sex": "M"}
NUMBERS = count(100)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """Ten persons known by two papers each, ten by two spellings alone, and five pairs who may be one."""
    with open_memory() as connection:
        made = make_register(tmp_path, connection)
        connection.execute("ALTER TABLE intermediate.observation ADD COLUMN document_type VARCHAR")
        seen = []
        for n in range(10):
            born = f"19{50 + 2 * n}-03-1{n % 9}"
            seen += [Seen(10 * n + 1, **NAMED, birth=born, document=f"A{7 * n}0X")]
            seen += [Seen(10 * n + 2, **NAMED, birth=born, document=f"A{7 * n}0X", patronymic="Олегович")]
            seen += [Seen(10 * n + 3, surname="Karimof", given="Rustem", sex="M", birth=born)]
        seen += [Seen(500 + n, **NAMED, birth=f"19{51 + 2 * n}-05-1{n}", citizenship="UZB") for n in range(5)]
        seen += [Seen(600 + n, **NAMED, birth=f"19{51 + 2 * n}-05-2{n}", citizenship="UZB") for n in range(5)]
        made.load(*seen)
        yield made


def drawn(register: Register, number: int = 30, seed: int = 1) -> list[Drawn]:
    return draw(register.connection, register.load_seq, MODEL.accept, number, seed)


def judge(register: Register, pairs: list[Drawn], verdict: str = "same") -> None:
    """The next load brings a verdict on each pair, with its mark."""
    words = [(pair.decision(verdict), pair.mark) for pair in pairs]
    register.load(
        *(Verdict(next(NUMBERS), int(d.left[1]), int(d.right[1]), d.verdict, f"{text}seen") for d, text in words)
    )


def stratum(pair: Drawn) -> str:
    return next(name for name in ("near", "far", "rejected") if f"stratum={name} " in pair.mark)


def test_the_draw_is_a_function_of_load_seed_and_number_and_takes_a_third_of_each_stratum(register: Register) -> None:
    once = drawn(register, 12)
    assert once == drawn(register, 12)
    assert {(pair.left, pair.right) for pair in once} != {
        (pair.left, pair.right) for pair in drawn(register, 12, seed=2)
    }
    assert sorted(stratum(pair) for pair in once) == ["far"] * 4 + ["near"] * 4 + ["rejected"] * 4
    register.load()
    assert [pair.left for pair in drawn(register, 12)] != [pair.left for pair in once]


def test_the_order_tells_nothing_of_the_strata_and_no_side_tells_the_word_of_the_model(register: Register) -> None:
    pairs = drawn(register)
    kinds = [stratum(pair) for pair in pairs]
    assert kinds != sorted(kinds) and kinds != sorted(kinds, reverse=True)
    for pair in pairs:
        told = repr((pair.in_one_line(), pair.fields()))
        assert not any(word in told for word in ("near", "far", "rejected", "weight", "load=", *pair.persons))
        assert {row["field"] for row in pair.fields()} <= set(pair.sides[0])


def test_each_verdict_stands_for_its_share_of_the_accepted_pairs(register: Register) -> None:
    pairs = drawn(register)
    accepted = [pair for pair in pairs if stratum(pair) != "rejected"]
    near, far = ([pair for pair in accepted if stratum(pair) == name] for name in ("near", "far"))
    wrong = near[:2]
    sizes = [int(text.removesuffix(":")) for text in (part.split("=")[1] for part in pairs[0].mark.split()[-2:])]
    assert clerical_precision(register.connection, MODEL.version) == (None, None, None, 0)
    judge(register, wrong, "different")
    judge(register, [*near[2:], *far, *(pair for pair in pairs if stratum(pair) == "rejected")])
    right = len(near) - 2
    value, lower, upper, counted = clerical_precision(register.connection, MODEL.version)
    assert value == pytest.approx((sizes[0] * right / len(near) + sizes[1]) / sum(sizes))
    assert counted == len(accepted)
    assert value and lower and upper and 0 < lower < value < upper <= 1
    estimate(register.connection, register.load_seq, MODEL, 1)
    told = "SELECT value, lower, upper, counted FROM linkage_quality_rows WHERE measure = 'clerical_precision'"
    assert register.connection.execute(told).fetchall() == [(value, lower, upper, counted)]


def test_a_later_verdict_of_the_sample_takes_the_place_of_the_earlier_and_the_queue_does_not_count(
    register: Register,
) -> None:
    pairs = [pair for pair in drawn(register) if stratum(pair) != "rejected"]
    judge(register, pairs, "different")
    assert clerical_precision(register.connection, MODEL.version)[0] == 0
    judge(register, pairs)
    assert clerical_precision(register.connection, MODEL.version)[::3] == (1, len(pairs))
    first = pairs[0].decision("different")
    register.load(Verdict(next(NUMBERS), int(first.left[1]), int(first.right[1]), "different", "from the queue"))
    assert clerical_precision(register.connection, MODEL.version)[::3] == (1, len(pairs))
    assert clerical_precision(register.connection, "another model")[::3] == (None, 0)


def test_a_stratum_without_a_verdict_leaves_no_estimate(register: Register) -> None:
    judge(register, [pair for pair in drawn(register) if stratum(pair) == "near"])
    value, _, _, counted = clerical_precision(register.connection, MODEL.version)
    assert value is None and counted > 0


def test_without_an_error_the_bound_is_that_of_three_in_n() -> None:
    value, lower, upper, counted = weighted([(4_000, 300, 300)])
    assert (value, upper, counted) == (1, 1, 300)
    assert lower == pytest.approx(0.025 ** (1 / 300)) and 1 - most_error(300) == pytest.approx(1 - 3 / 300, abs=2e-4)
    halves = weighted([(2_000, 150, 150), (2_000, 150, 150)])
    assert halves[1] is not None and lower is not None and halves[1] < lower
