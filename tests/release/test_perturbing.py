"""Perturbation: bounded, unbiased, never one or two, the same for the same cell, and dependent on the secret."""

from __future__ import annotations

import pytest

from pipelines.release.perturbing import BASE, BASE_OF_PROTECTED, perturbed_sql
from pipelines.storage import open_memory


def perturbed(key: str, counts: str, cell: str = "'cell ' || number", base: int = BASE) -> list[tuple[int, int]]:
    with open_memory() as connection:
        query = f"SELECT count, {perturbed_sql(cell, 'count', base)} FROM ({counts}) ORDER BY number"
        return connection.execute(query, {"key": key}).fetchall()


EVERY = "SELECT number, number // 200 AS count FROM range(6000) AS cells(number)"


def test_noise_is_two_at_most_and_zero_one_and_two_are_never_told_apart_from_their_likes() -> None:
    shown = perturbed("key", EVERY)
    assert all(abs(value - count) <= 2 for count, value in shown)
    assert all(value % 3 == 0 for _, value in shown)
    assert {value for count, value in shown if count == 0} == {0}
    assert {value for count, value in shown if count in (1, 2)} == {0, 3}


@pytest.mark.parametrize("base", [BASE, BASE_OF_PROTECTED])
def test_noise_is_none_on_average_and_less_than_the_base(base: int) -> None:
    counts = f"SELECT number, 100 + number % {base} AS count FROM range(30000) AS cells(number)"
    shown = perturbed("key", counts, base=base)
    assert abs(sum(value - count for count, value in shown) / len(shown)) < 0.02 * base
    assert max(abs(value - count) for count, value in shown) == base - 1
    assert {value % base for _, value in shown} == {0}


def test_same_cell_with_the_same_count_is_shown_alike_and_another_key_draws_anew() -> None:
    assert perturbed("key", EVERY) == perturbed("key", EVERY)
    assert perturbed("key", EVERY) != perturbed("other", EVERY)


@pytest.mark.parametrize(("base", "most"), [(BASE, 0.36), (BASE_OF_PROTECTED, 0.11)])
def test_one_person_more_shows_no_oftener_than_noise_without_bias_must_let_it(base: int, most: float) -> None:
    """A figure that is right on average must move in one case of the base; oftener would tell of somebody."""
    counts = "SELECT number, 10 + number % 41 + {} AS count FROM range(20000) AS cells(number)"
    before, after = (perturbed("key", counts.format(more), base=base) for more in (0, 1))
    moved = sum(one != other for (_, one), (_, other) in zip(before, after, strict=True)) / len(before)
    assert 1 / base - 0.02 < moved < most


def test_a_series_that_grows_does_not_average_its_noise_away() -> None:
    """Sixty months of a cell that gains one person in each: what is left of the noise leaves three values open."""
    counts = "SELECT number, 100 + number % 60 AS count FROM range(6000) AS cells(number)"
    shown = perturbed("key", counts, "'cell ' || number // 60")
    errors = [sum(value - count for count, value in shown[at : at + 60]) / 60 for at in range(0, 6000, 60)]
    assert {round(error) for error in errors} == {-1, 0, 1}
    assert all(abs(error - round(error)) < 0.1 for error in errors)
