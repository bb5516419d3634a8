"""The map of the regions, drawn from borders that stand with the code (`borders/README.md` says whose they are)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.site.markup import Raw, element

Polygon = list[list[tuple[float, float]]]
BORDERS = Path(__file__).with_name("borders") / "regions.geojson"
# An equal-area conic projection of Albers, with the parallels usual for the latitudes of the state.
PARALLELS, CENTRE = (43.0, 53.0), (67.0, 48.0)
WIDTH = 1000
CLASSES = 5
CITIES = {"710000000", "750000000", "790000000"}
CITY_RADIUS = 9


def projected(longitude: float, latitude: float) -> tuple[float, float]:
    """Place of a point on the plane, in radii of the Earth; downwards is positive."""
    first, second = (math.radians(parallel) for parallel in PARALLELS)
    cone = (math.sin(first) + math.sin(second)) / 2
    constant = math.cos(first) ** 2 + 2 * cone * math.sin(first)
    radius = math.sqrt(constant - 2 * cone * math.sin(math.radians(latitude))) / cone
    origin = math.sqrt(constant - 2 * cone * math.sin(math.radians(CENTRE[1]))) / cone
    angle = cone * math.radians(longitude - CENTRE[0])
    return radius * math.sin(angle), radius * math.cos(angle) - origin


@dataclass(frozen=True)
class Shapes:
    """The regions as they are drawn.

    Attributes:
        height: Height of the picture.
        paths: Outline of each region, by its code.
        middles: Middle of each city, which is too small to be seen by its outline.
    """

    height: int
    paths: dict[str, str]
    middles: dict[str, tuple[int, int]]


@cache
def shapes() -> Shapes:
    """The shapes of the regions.

    Points are laid on whole units of the picture, the same for both sides of a border, so that no gap opens.
    """
    features = json.loads(BORDERS.read_text(encoding="utf-8"))["features"]
    rings = {
        feature["properties"]["kato"]: [
            [projected(*point) for point in ring] for polygon in _polygons(feature["geometry"]) for ring in polygon
        ]
        for feature in features
    }
    points = [point for region in rings.values() for ring in region for point in ring]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    unit = (WIDTH - 2) / (right - left)
    laid = {
        code: [[(round((x - left) * unit) + 1, round((y - top) * unit) + 1) for x, y in ring] for ring in region]
        for code, region in rings.items()
    }
    middles = {code: _middle(laid[code]) for code in CITIES & laid.keys()}
    paths = {code: "".join(map(_path, region)) for code, region in laid.items()}
    return Shapes(round((bottom - top) * unit) + 2, paths, middles)


def regions(title: str, place: Callable[[str], tuple[str, str]], classes: Mapping[str, int]) -> Raw:
    """The map; each region is a link.

    Args:
        title: What it shows.
        place: Address of a region's page and what is told of the region, by its code.
        classes: Class of colour of each region, from 0; a region without one is drawn as unknown.
    """
    found = shapes()
    drawn = []
    for code in sorted(found.paths, key=lambda region: region in CITIES):
        address, told = place(code)
        kind = f"q{classes[code]}" if code in classes else "unknown"
        shape = element("path", element("title", told), d=found.paths[code])
        if code in found.middles:
            x, y = found.middles[code]
            shape = element("circle", element("title", told), cx=x, cy=y, r=CITY_RADIUS)
        drawn.append(element("a", shape, href=address, aria_label=told, class_=kind, data_region=code))
    return element("svg", *drawn, viewBox=f"0 0 {WIDTH} {found.height}", class_="map", role="group", aria_label=title)


def bounds(values: list[float]) -> list[float]:
    """Least values of the classes of colour: the values are cut into classes of about equally many regions."""
    ordered = sorted(set(values))
    if len(ordered) <= CLASSES:
        return ordered
    return sorted({ordered[len(ordered) * number // CLASSES] for number in range(CLASSES)})


def class_of(value: float, cuts: list[float]) -> int:
    """The class of a value."""
    return max(sum(value >= cut for cut in cuts) - 1, 0)


def legend(cuts: list[float], written: Callable[[float], str], none: str) -> Raw:
    """What the colours mean; `none` is said of a region without a figure."""
    entries = [
        element("li", element("i", "", class_=f"swatch q{number}"), f"≥ {written(cut)}")
        for number, cut in enumerate(cuts)
    ]
    missing = element("li", element("i", "", class_="swatch unknown"), none)
    return element("ul", *entries, missing, class_="legend")


def _polygons(geometry: dict[str, Any]) -> list[Polygon]:
    found = geometry["coordinates"]
    return found if geometry["type"] == "MultiPolygon" else [found]


def _path(ring: list[tuple[int, int]]) -> str:
    kept = [point for number, point in enumerate(ring) if number == 0 or point != ring[number - 1]]
    if len(kept) < 4:
        return ""
    (x, y), *others = kept
    steps, at = [], (x, y)
    for point in others:
        steps.append(f"{point[0] - at[0]} {point[1] - at[1]}")
        at = point
    return f"M{x} {y}l{' '.join(steps)}z"


def _middle(rings: list[list[tuple[int, int]]]) -> tuple[int, int]:
    outline = max(rings, key=len)
    return round(sum(x for x, _ in outline) / len(outline)), round(sum(y for _, y in outline) / len(outline))
