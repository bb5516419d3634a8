"""A map of the regions and a table beside it that move through the months; without a script they show the last one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.site import maps
from pipelines.site.markup import Raw, element
from pipelines.site.wording import Wording

Written = Callable[[float | None], str]


@dataclass(frozen=True)
class Months:
    """What a map shows through the months.

    Attributes:
        summaries: What is said of each month.
        values: Value of each region in each month, by its code; None where there is none.
        cells: What stands in a cell of the table in each month, by the name of the cell.
    """

    summaries: Sequence[str]
    values: Mapping[str, Sequence[float | None]]
    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)


def moving(wording: Wording, title: str, months: Months, beside: Raw, written: Written | None = None) -> Raw:
    """The map, the table beside it and the slider over both.

    Args:
        wording: The language.
        title: What the map shows.
        months: What it shows through the months.
        beside: The table. A cell with `data-cell` is one of the cells of the months; a row with `data-from` and
            `data-to` stands from the one month to the other.
        written: How a value is written; as a whole number by default.
    """
    write = written or wording.number
    cuts = maps.bounds([value for series in months.values.values() for value in series if value is not None])
    classes = {
        code: [None if value is None else maps.class_of(value, cuts) for value in series]
        for code, series in months.values.items()
    }
    names = {code: wording.value("region", code) for code in maps.shapes().paths}
    told = {code: [write(value) for value in series] for code, series in months.values.items()}
    known = {
        "summaries": list(months.summaries),
        "names": names,
        "classes": classes,
        "values": told,
        "cells": dict(months.cells),
    }
    last = {code: series[-1] for code, series in classes.items() if series[-1] is not None}
    picture = maps.regions(
        title,
        lambda code: (wording.to(f"region/{code}.html"), f"{names[code]}: {told[code][-1] if code in told else '—'}"),
        last,
    )
    return element(
        "div",
        _slider(wording, len(months.summaries), months.summaries[-1]),
        element(
            "div",
            element(
                "div",
                element("p", title, class_="note"),
                picture,
                maps.legend(cuts, write, wording.words("site.none")),
            ),
            beside,
            class_="side",
        ),
        element("script", _embedded(known), type="application/json"),
        data_time="",
    )


def _embedded(known: object) -> Raw:
    """JSON that ends no element and begins none."""
    return Raw(json.dumps(known, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026"))


def _slider(wording: Wording, months: int, now: str) -> Raw:
    play, stop = wording.words("site.play"), wording.words("site.stop")
    slider = Raw(f'<input type="range" id="month" min="0" max="{months - 1}" value="{months - 1}" autocomplete="off"/>')
    return element(
        "div",
        element("label", wording.words("site.column.period"), for_="month"),
        slider,
        element("button", play, type="button", data_play=play, data_stop=stop),
        element("output", now, for_="month"),
        class_="time",
        hidden="hidden",
    )
