"""The laws of the house: who may import what, how long things may be, what must be said.

What ruff, mypy and sqlfluff say already is not said again here.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(path for folder in ("pipelines", "expectations") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
VAGUE = ("utils", "util", "helpers", "helper", "common", "misc")
ROOMS = {
    "dagster": ("pipelines/defs/", "pipelines/definitions.py"),
    "dagster_dbt": ("pipelines/defs/", "pipelines/definitions.py"),
    "great_expectations": ("expectations/", "pipelines/quality/"),
    "splink": ("pipelines/benchmarks/peers/",),
}
STRANGERS = (("pipelines/identity/", "pipelines.simulation"), ("pipelines/simulation/", "pipelines.identity"))
HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "crates" + ".io",
    "conda" + ".anaconda",
    "hub.get" + "dbt",
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def imported_modules(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(module: ast.Module) -> Iterator[Function]:
    yield from (node for node in ast.walk(module) if isinstance(node, Function))


@pytest.mark.parametrize("package", ROOMS)
def test_a_package_is_imported_only_in_its_room(package: str) -> None:
    outside = [
        name(path) for path in CODE if package in imported(tree(path)) and not name(path).startswith(ROOMS[package])
    ]
    assert outside == []


@pytest.mark.parametrize(("room", "stranger"), STRANGERS)
def test_what_is_measured_knows_nothing_of_its_measure(room: str, stranger: str) -> None:
    inside = [path for path in CODE if name(path).startswith(room)]
    knowing = [
        name(path)
        for path in inside
        if any(f"{found}.".startswith(f"{stranger}.") for found in imported_modules(tree(path)))
    ]
    assert inside and knowing == []


def test_great_expectations_is_imported_where_it_is_used_never_at_the_top_of_a_package() -> None:
    eager = [name(path) for path in CODE if path.name == "__init__.py" and "great_expectations" in imported(tree(path))]
    assert eager == []


def test_connections_are_opened_only_in_storage() -> None:
    openers = []
    for path in CODE:
        calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        opens = [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "connect"]
        if any(isinstance(call.value, ast.Name) and call.value.id == "duckdb" for call in opens):
            openers.append(name(path))
    assert [path for path in openers if not path.startswith("pipelines/storage/")] == []
    assert openers != [], "the test no longer recognises how a connection is opened"


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=name)
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", CODE, ids=name)
def test_a_function_is_short(path: Path) -> None:
    def lines(function: Function) -> int:
        """Lines of its body; the signature and the docstring are not counted."""
        body = function.body[1:] if ast.get_docstring(function) else function.body
        return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0

    long = {function.name: lines(function) for function in functions(tree(path)) if lines(function) > LONGEST_FUNCTION}
    assert long == {}


def test_a_module_is_named_by_its_idea() -> None:
    assert [name(path) for path in [*CODE, *TESTS] if path.stem in VAGUE or path.parent.name in VAGUE] == []


@pytest.mark.parametrize("path", CODE, ids=name)
def test_modules_and_public_functions_say_what_they_do(path: Path) -> None:
    module = tree(path)
    silent = [] if ast.get_docstring(module) else [name(path)]
    public = [
        node for node in module.body if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
    ]
    silent += [node.name for node in public if not ast.get_docstring(node)]
    assert silent == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [ROOT / found for found in listed.stdout.split("\0") if found and (ROOT / found).is_file()]


def test_nothing_names_a_package_registry() -> None:
    named = [name(path) for path in tracked() for host in HOSTS if host.encode() in path.read_bytes()]
    assert named == []


def test_no_data_is_kept_with_the_code() -> None:
    kept = [name(path) for path in tracked() if path.suffix in (".duckdb", ".parquet", ".wal", ".key")]
    assert kept == []
    assert [name(path) for path in tracked() if name(path).startswith("warehouse/")] == ["warehouse/README.md"]
