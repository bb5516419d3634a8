"""The faults of the plan, F1 to F20, with the tests that the guide names; the points where a fault can be planted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.settings import CHECKOUT

FAULTS = range(1, 21)
PARAMETER = "point"
# Parts of one write, which its declaration does not name.
PARTS = re.compile(r"\.(write|fsync|rename)$")
ARMED = re.compile(r"([a-z_]+(?:\.[a-z_]+)+):\d+(?::\w*)?")
ROW = re.compile(r"^\| F(?P<number>\d+) \|.*\| (?P<tests>[^|]+) \|$", re.MULTILINE)


def named_tests() -> dict[int, list[str]]:
    """Tests by the number of the fault, as the guide says: a file, or a file and a function."""
    text = (CHECKOUT / "docs" / "guide" / "recovery.md").read_text(encoding="utf-8")
    return {int(row["number"]): re.findall(r"`([^`]+)`", row["tests"]) for row in ROW.finditer(text)}


def declared_points() -> set[str]:
    """Names that code gives to its writes: by `passage`, or as the `point` of a function that writes."""
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((CHECKOUT / "pipelines").rglob("*.py"))]
    places: dict[str, set[int]] = {}
    for node in (node for module in modules for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        names = [argument.arg for argument in node.args.args]
        if PARAMETER in names:
            places.setdefault(node.name, set()).add(names.index(PARAMETER))
    calls = [node for module in modules for node in ast.walk(module) if isinstance(node, ast.Call)]
    return {PARTS.sub("", point) for call in calls for point in _given(call, places)}


def armed_points() -> set[str]:
    """Names of writes at which a test plants a fault, as `point:number` in its text."""
    paths = sorted(Path(__file__).parent.rglob("*.py"))
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found = {point[1] for text in texts if (point := ARMED.fullmatch(text))}
    return found | {PARTS.sub("", point) for point in found}


def _given(call: ast.Call, places: dict[str, set[int]]) -> Iterator[str]:
    """The point that a call names; what a function was given, and gives on, is named by its caller."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for place in places.get(called, ()):
        given = [*call.args[place : place + 1], *(word.value for word in call.keywords if word.arg == PARAMETER)]
        yield from (one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
