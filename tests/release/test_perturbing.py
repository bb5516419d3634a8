"""Perturbation: bounded, unbiased, never one or two, the same for the same cell, and dependent on the secret."""

from __future__ import annotations

from pipelines.release.perturbing import perturbed_sql
from pipelines.storage import open_memory


def perturbed(key: str, counts: str, cell: str = "'cell ' || number") -> list[tuple[int, int]]:
    with open_memory() as connection:
        query = f"SELECT count, {perturbed_sql(cell, 'count')} FROM ({counts}) ORDER BY number"
        return connection.execute(query, {"key": key}).fetchall()


EVERY = "SELECT number, number // 200 AS count FROM range(6000) AS cells(number)"


def test_noise_is_two_at_most_and_zero_one_and_two_are_never_told_apart_from_their_likes() -> None:
    shown = perturbed("key", EVERY)
    assert all(abs(value - count) <= 2 for count, value in shown)
    assert all(value % 3 == 0 for _, value in shown)
    assert {value for count, value in shown if count == 0} == {0}
    assert {value for count, value in shown if count in (1, 2)} == {0, 3}


def test_noise_is_none_on_average() -> None:
    shown = perturbed("key", "SELECT number, 100 + number % 3 AS count FROM range(30000) AS cells(number)")
    assert abs(sum(value - count for count, value in shown) / len(shown)) < 0.02


def test_same_cell_with_the_same_count_is_shown_alike_and_another_key_or_count_draws_anew() -> None:
    assert perturbed("key", EVERY) == perturbed("key", EVERY)
    assert perturbed("key", EVERY) != perturbed("other", EVERY)
    series = perturbed("key", "SELECT number, 1 + 3 * number AS count FROM range(200) AS cells(number)", "'one cell'")
    ups = sum(value > count for count, value in series)
    assert 40 < ups < 95, "a cell whose count changes draws its noise anew"
