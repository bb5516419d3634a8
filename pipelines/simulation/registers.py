"""Registers that hold public facts of the real state: `sources/<feed>/real.csv`, delivered on the first day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from pipelines.contracts import Cadence, Contract
from pipelines.simulation.calibration import Calibration, Sender
from pipelines.simulation.delivery import Delivery, write_delivery

REAL = "real.csv"


def deliver_register(
    contract: Contract, calibration: Calibration, sources: Path, landing: Path, first_day: date
) -> Path | None:
    """Delivers the real register of a feed, `None` where the feed has none."""
    path = sources / contract.feed / REAL
    if not path.exists():
        return None
    sender = calibration.senders.get(contract.feed, Sender(format=contract.simulation.format))
    note = Delivery(contract.feed, first_day, kind=kind_of(contract))
    return write_delivery(read_texts(path), note, contract, sender, landing)


def kind_of(contract: Contract) -> str:
    """What a regular delivery of the feed is: the whole register, or what is new."""
    return "snapshot" if contract.cadence is Cadence.snapshot else "increment"


def read_texts(path: Path) -> pa.Table:
    """A CSV file with every value as text, null where it is empty."""
    names = path.open(encoding="utf-8-sig").readline().strip().split(",")
    convert = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, "string"), strings_can_be_null=True)
    return pyarrow.csv.read_csv(
        path, convert_options=convert, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
    )
