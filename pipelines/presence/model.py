"""The frozen model of presence: a folder with `model.json` (what it says, in words and numbers) and `curve.csv`.

The curve is what loads apply: by class of stays, way that a silence ended, band of days since the sign of life and band
of the whole silence, the probability to be here on such a day and its bounds. The file has a line per whole silence,
with the bands of days in their order as ten-thousandths.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.presence.curves import table, table_by_paper
from pipelines.presence.fitting import Fit
from pipelines.presence.silence import BANDS, CLASSES, HELD, NATIONS, PURPOSES, TENURES
from pipelines.storage import open_memory

SHIPPED = Path(__file__).parent / "models" / "pr-9"
FILES = ("model.json", "curve.csv")
BOUNDS = (2.5, 97.5)
# Before the first sign of a stay all are new but who has been here before; of nobody else is known how long they stay,
# and a number tells nothing there.
UNSEEN = ("new", "numbered_new")
AWAY = tuple(name for name in TENURES if not name.endswith("known"))
SHAPES = (("open", TENURES), ("returned", TENURES), ("unseen", UNSEEN), ("away", AWAY))
SHAPED = len(PURPOSES) * len(NATIONS) * sum(len(tenures) for _, tenures in SHAPES)
ROWS = (SHAPED + 2 * len(HELD)) * len(BANDS) * (len(BANDS) + 1) // 2
CHANCES = ("probability", "lower", "upper")
HEADER = ("presence_class", "ending", "silent_band", "chance", "by_band")
WHOLE = 10_000
Chances = NDArray[np.float64]
SCHEMA = pa.schema(
    [
        ("presence_class", pa.string()),
        ("ending", pa.string()),
        ("band", pa.int16()),
        ("silent_band", pa.int16()),
        *((name, pa.float64()) for name in CHANCES),
    ]
)

CURVE = f"""WITH line AS (
    SELECT presence_class, ending, silent_band, {
    ", ".join(f"any_value(by_band) FILTER (chance = '{name}') AS {name}" for name in CHANCES)
}
    FROM (
        SELECT * REPLACE (string_split(by_band, ' ')::BIGINT[] AS by_band)
        FROM read_csv($1, header = true, delim = ',', columns = {{
            'presence_class': 'VARCHAR', 'ending': 'VARCHAR', 'silent_band': 'SMALLINT', 'chance': 'VARCHAR',
            'by_band': 'VARCHAR'}})
    ) GROUP BY ALL
)
SELECT presence_class, ending, (generate_subscripts(probability, 1) - 1)::SMALLINT AS band, silent_band, {
    ", ".join(f"unnest({name}) / {WHOLE} AS {name}" for name in CHANCES)
}
FROM line ORDER BY presence_class, ending, silent_band, band"""


class UnreadablePresenceModelError(ValueError):
    """A folder holds no model that this code can use; the message says why."""


@dataclass(frozen=True)
class PresenceModel:
    """One frozen model.

    Attributes:
        version: Its name, as releases quote it.
        apart: Standard error of the logarithm of the odds to have left, of many alike, in a home that it has not seen.
        told: What it was trained on and what it found, in words and numbers.
        curve: Its rows, by class, ending, band and silent_band.
    """

    version: str
    apart: float
    told: dict[str, Any]
    curve: pa.Table


def freeze(fitted: Fit, plain: Fit, version: str, of: str, apart: float) -> PresenceModel:
    """The model that a fit gives: its curves, with bounds from draws of its rates.

    Args:
        fitted: Rates of classes that know how long a person used to stay.
        plain: Rates of classes that do not: who was here as deliveries began, or holds a paper alone, may be anybody.
        version: The name of the model.
        of: What it was fitted to, in words.
        apart: How far odds lie apart in other homes, which none tells of itself: that of the model before.
    """
    parts = [
        _part(plain, name, ending, CLASSES.index(name.replace("numbered_", "")))
        if ending == "unseen"
        else _part(fitted, name, ending, position)
        for position, name in enumerate(CLASSES)
        for ending, tenures in SHAPES
        if name.split(":")[2] in tenures
    ]
    parts += [part(plain, name) for name in HELD for part in (_part_by_paper, _part_before_paper)]
    shares = fitted.loss[:, 0] / fitted.loss.sum(1)
    losses = {name: round(float(share), 4) for name, share in zip(CLASSES, shares, strict=True) if ":new" in name}
    losses["all"] = round(fitted.lost, 4)
    told = {
        "of": of,
        "departures_never_recorded": losses,
        "entries_never_recorded": round(fitted.missed[0] / sum(fitted.missed), 4),
        "holders_of_papers_here_as_they_begin": round(plain.holders[0] / sum(plain.holders), 4),
        "leans_on_events_of_larger_groups": {name: round(weight, 1) for name, weight in fitted.weights.items()},
        "exits_reported_later_than_days": [round(float(share), 4) for share in fitted.unreported[:8]],
    }
    return PresenceModel(version, apart, told, pa.concat_tables(parts))


def _part(fitted: Fit, name: str, ending: str, position: int) -> pa.Table:
    standing = fitted.standing(position) if ending == "unseen" else None
    value = table(fitted.rates(position), ending, standing)
    drawn = np.stack([table(rates, ending, standing) for rates in fitted.drawn(position)])
    return _rows(name, ending, value, drawn)


def _part_by_paper(fitted: Fit, name: str) -> pa.Table:
    rates, share = fitted.rates(HELD[name]), fitted.holders[0] / sum(fitted.holders)
    value = table_by_paper(rates, share)
    drawn = [
        table_by_paper(of, part, comes_back)
        for of, part in zip(fitted.drawn(HELD[name]), fitted.drawn_holders(), strict=True)
        for comes_back in (True, False)
    ]
    return _rows(name, "open", value, np.stack(drawn))


def _part_before_paper(fitted: Fit, name: str) -> pa.Table:
    """Days before a paper: who was here as it began had come as one does who came for residence unrecorded."""
    new = HELD[name] - 1
    standing, share = fitted.standing(new), fitted.holders[0] / sum(fitted.holders)
    value = share * table(fitted.rates(new), "unseen", standing)
    drawn = [
        part * table(of, "unseen", standing) for of, part in zip(fitted.drawn(new), fitted.drawn_holders(), strict=True)
    ]
    return _rows(name, "unseen", value, np.stack(drawn))


def _rows(name: str, ending: str, value: Chances, drawn: Chances) -> pa.Table:
    band, silent_band = (place.astype(np.int16) for place in np.nonzero(~np.isnan(value)))
    value, drawn = value[band, silent_band], drawn[:, band, silent_band]
    lower, upper = np.percentile(drawn, BOUNDS, axis=0)
    found = [np.rint(part * WHOLE) / WHOLE for part in (value, np.minimum(lower, value), np.maximum(upper, value))]
    return pa.table(
        {
            "presence_class": pa.array([name] * len(band)),
            "ending": pa.array([ending] * len(band)),
            "band": pa.array(band),
            "silent_band": pa.array(silent_band),
            "probability": pa.array(found[0]),
            "lower": pa.array(found[1]),
            "upper": pa.array(found[2]),
        },
        schema=SCHEMA,
    )


def save_model(model: PresenceModel, folder: Path) -> None:
    """Writes a model for `load_model`."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"version": model.version, "odds_apart": model.apart, "trained_on": model.told}
    (folder / FILES[0]).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in model.curve.sort_by([("silent_band", "ascending"), ("band", "ascending")]).to_pylist():
        for name in CHANCES:
            line = lines.setdefault((row["presence_class"], row["ending"], str(row["silent_band"]), name), [])
            line.append(str(round(row[name] * WHOLE)))
    with (folder / FILES[1]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((*key, " ".join(line)) for key, line in sorted(lines.items()))


def version_of(folder: Path = SHIPPED) -> str:
    """The name of a model, read without its curves.

    Raises:
        UnreadablePresenceModelError: It is no model.
    """
    return str(_told(folder)["version"])


def load_model(folder: Path = SHIPPED) -> PresenceModel:
    """Reads a model.

    Raises:
        UnreadablePresenceModelError: It is no model, or of other classes or bands than this code looks up.
    """
    told = _told(folder)
    curve = _curve(folder / FILES[1])
    if curve.num_rows != ROWS or set(curve["presence_class"].unique().to_pylist()) != {*CLASSES, *HELD}:
        raise UnreadablePresenceModelError(f"the model in {folder} has other classes than this code; train it again.")
    # A model from before `pr-9` says nothing of other homes.
    return PresenceModel(told["version"], told.get("odds_apart", 0.0), told["trained_on"], curve)


def _told(folder: Path) -> dict[str, Any]:
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise UnreadablePresenceModelError(f"{folder} is no folder of a model: it has no {' and no '.join(missing)}.")
    told: dict[str, Any] = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))
    return told


def _curve(path: Path) -> pa.Table:
    """The rows of the file, in the order of `freeze`."""
    with open_memory() as connection:
        return connection.execute(CURVE, [str(path)]).to_arrow_table().cast(SCHEMA)
