"""Parties that host or employ: private persons, firms, hotels, schools. They are never persons of the registry."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.contracts.identifiers import NEVER_ISSUED, check_digits
from pipelines.simulation.columns import Coded, Numbered
from pipelines.simulation.population import Numbers

HOST_TYPES = ("person", "employer", "hotel", "school", "clinic", "centre", "other")
HOSTS_OF = {
    "visitor": [38, 3, 54, 0, 2, 0, 3],
    "shuttle": [45, 5, 48, 0, 0, 0, 2],
    "transit": [10, 0, 88, 0, 0, 0, 2],
    "worker": [40, 55, 3, 0, 0, 0, 2],
    "student": [25, 0, 2, 73, 0, 0, 0],
    "resident": [88, 6, 2, 0, 1, 1, 2],
    "settled": [94, 2, 0, 0, 1, 2, 1],
    "returnee": [90, 2, 2, 0, 1, 3, 2],
    "refuge": [80, 2, 2, 0, 2, 12, 2],
    "citizen": [60, 0, 40, 0, 0, 0, 0],
}
ORGANISATIONS = 50_000


def organisation_numbers(host: Numbers) -> Numbers:
    """One BIN with a right check digit per host number; the order numbers are above those in use.

    A BIN is year and month of registration, the kind of organisation (4 or 5), its department, and an order number.
    """
    host = host % ORGANISATIONS
    head = ((host % 25) * 100 + host % 12 + 1) * 10 + 4 + host % 2
    return _with_check_digit(head * 10 * 10**5 + 40_000 + host)


def private_numbers(host: Numbers) -> Numbers:
    """One IIN with a right check digit per host number."""
    host = host % ORGANISATIONS
    head = ((50 + host % 50) * 100 + host % 12 + 1) * 100 + host % 28 + 1
    return _with_check_digit((head * 10 + 3 + host % 2) * 10_000 + 6_000 + host % 2_900)


def host_ids(kind: Numbers, host: Numbers) -> Numbered:
    """The numbers of hosts: IINs of private persons, BINs of all others."""
    return Numbered(np.where(kind == 0, private_numbers(host), organisation_numbers(host)), width=12)


def employer_names(host: Numbers) -> Coded:
    """Made-up names of employers."""
    names = [f"ТОО «Условное предприятие {number}»" for number in range(2_000)]
    return Coded(pa.array(names), host % len(names))


def _with_check_digit(body: Numbers) -> Numbers:
    """Numbers with their check digit, of the next body where the body itself is never issued."""
    for _ in range(4):
        body = np.where(check_digits(body) == NEVER_ISSUED, body + 1, body)
    return body * 10 + check_digits(body)
