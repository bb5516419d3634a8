"""Pieces that builders of defective deliveries share: a hundred good rows, as lines and with one more."""

from __future__ import annotations

from tests.intake.intake_world import Row, Sent, as_csv, crossings


def text_of(case: str) -> list[str]:
    """Lines of the good CSV file of a case, the header first."""
    return as_csv(crossings(case)).splitlines()


def of_lines(lines: list[str], rows: int) -> Sent:
    """A CSV delivery of these lines."""
    return Sent(("\n".join(lines) + "\n").encode(), rows)


def changed(case: str, **values: str) -> list[Row]:
    """A hundred good rows and one with other values."""
    return [*crossings(case), crossings(case, 101)[-1] | values]
