"""What dbt makes again for each node though it comes out the same: here it is made once in a process.

The text of a node becomes a template twice in each load, a statement that gives no rows is answered by a table that
first learns how dates are written, and the graph of the project is drawn anew for each call, with a picture of it for a
file that nobody reads. None of these depends on a home, on a load or on what was asked before. What is kept lies in
this process alone and goes by the text, or by the parsed project, that it was made of: it cannot be out of date.

It is imported where dbt is, within a call: importing dbt takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

from dbt.compilation import Compiler
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzEnvironment, NativeSandboxEnvironment, get_environment

from pipelines.modelling.replacing import replaced

# The project has some 300 nodes; their texts, hooks and arguments of tests are templates.
TEMPLATES = 4096
TESTERS = 256

_drawn: dict[bool, tuple[Any, Any]] = {}
_draw: Any = Compiler.compile
_compile: Any = MacroFuzzEnvironment.compile
_make_tester: Any = agate_helper.build_type_tester
_empty_table: Any = lru_cache(maxsize=1)(agate_helper.empty_table)


@contextmanager
def work_kept() -> Iterator[None]:
    """Lets dbt find, for the time of a call, what it has made before in this process."""
    with ExitStack() as call:
        call.enter_context(replaced(Compiler, "compile", _graph))
        call.enter_context(replaced(MacroFuzzEnvironment, "compile", _template_code))
        call.enter_context(replaced(agate_helper, "build_type_tester", _tester))
        call.enter_context(replaced(agate_helper, "empty_table", _empty_table))
        yield


def _graph(compiler: Any, manifest: Any, write: bool = True, add_test_edges: bool = False) -> Any:
    """The graph of a parsed project, which dbt copies before it takes anything away from it."""
    compiler.initialize()
    of, graph = _drawn.get(add_test_edges, (None, None))
    if of is not manifest:
        graph = _draw(compiler, manifest, write, add_test_edges)
        _drawn[add_test_edges] = manifest, graph
    return graph


def _template_code(environment: Any, source: Any, *how: Any, **named: Any) -> Any:
    if how or named or not isinstance(source, str):
        return _compile(environment, source, *how, **named)
    return _code(isinstance(environment, NativeSandboxEnvironment), source)


@lru_cache(maxsize=TEMPLATES)
def _code(is_native: bool, source: str) -> CodeType:
    """The code of a template; which names it lacks, and of which node it is, is told when it is filled in."""
    code: CodeType = _compile(get_environment(native=is_native), source)
    return code


def _tester(text_columns: Iterable[str], string_null_values: tuple[str, ...] = ("null", "")) -> Any:
    return _known_tester(tuple(sorted(text_columns)), string_null_values)


@lru_cache(maxsize=TESTERS)
def _known_tester(text_columns: tuple[str, ...], string_null_values: tuple[str, ...]) -> Any:
    return _make_tester(text_columns, string_null_values)
