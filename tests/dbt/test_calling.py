"""What stands in dbt's place during a call: nothing else comes out of it, and afterwards all is as it was.

dbt is imported by each test, since every worker reads this file and importing dbt takes seconds.
"""

from __future__ import annotations

from typing import Any

import pytest


class _Drawn:
    """As much of dbt's compiler as draws a graph: how often it was asked."""

    def __init__(self) -> None:
        self.folders = 0

    def initialize(self) -> None:
        self.folders += 1


def test_a_message_is_written_out_when_somebody_reads_it_and_says_then_what_it_says_outside_a_call() -> None:
    from dbt.events.types import NodeStart
    from dbt_common.events import types
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager_client import get_event_manager

    from pipelines.modelling.heard import little_heard

    outside: Any = types.Note(msg="as it is")
    heard: list[Any] = []
    with little_heard():
        manager = get_event_manager()
        manager.add_callback(heard.append)
        quiet: Any
        quiet, warning = types.Note(msg="as it is"), types.Note(msg="take care")
        manager.fire_event(quiet)
        assert "pb_msg" not in vars(quiet), "nobody hears it"
        manager.fire_event(warning, level=EventLevel.WARN)
        manager.fire_event(NodeStart(node_info={"node_name": "person"}))
        assert (quiet.msg, quiet.message(), quiet.to_dict()) == (outside.msg, outside.message(), outside.to_dict())
    assert [(told.info.name, told.info.level) for told in heard] == [("Note", "warn"), ("NodeStart", "debug")]
    assert (heard[0].data.msg, heard[1].data.node_info.node_name) == ("take care", "person")
    assert "pb_msg" in vars(types.Note(msg="afterwards"))
    assert not hasattr(BaseEvent, "pb_msg")


def test_a_template_is_made_once_of_the_same_text_and_filled_in_as_ever() -> None:
    from dbt_common.clients.jinja import MacroFuzzEnvironment, get_environment, get_template

    from pipelines.modelling.kept import work_kept

    text, native = "{% set a = name %}select {{ a }}, {{ other }}", "{{ 1 + number }}"
    before = vars(MacroFuzzEnvironment).get("compile")
    made = [get_template(text, {}).render({"name": "x", "other": 1}), get_template(native, {}).render({"number": 1})]
    with work_kept():
        assert get_template(text, {}).render({"name": "x", "other": 1}) == made[0]
        assert get_template(text, {}).render({"name": "y", "other": 2}) == "select y, 2"
        assert get_template(native, {}).render({"number": 1}) == made[1] == "2"
        assert get_template(native, {}, native=True).render({"number": 1}) == 2
        codes = [get_environment().compile(text) for _ in range(2)]
        assert codes[0] is codes[1]
        assert get_environment().compile(text, raw=True).startswith("from ")
    assert vars(MacroFuzzEnvironment).get("compile") is before


def test_tables_of_answers_have_the_types_that_they_have_outside_a_call() -> None:
    from dbt_common.clients import agate_helper

    from pipelines.modelling.kept import work_kept

    made: Any = agate_helper
    rows = [{"name": "007", "number": 7, "none": None}, {"name": "null", "number": 8, "none": None}]
    plain = agate_helper.table_from_data_flat(rows, ["name", "number", "none"])
    with work_kept():
        tables = [agate_helper.table_from_data_flat(rows, ["name", "number", "none"]) for _ in range(2)]
        assert len(made.empty_table().rows) == 0
    for table in tables:
        assert [row.values() for row in table.rows] == [row.values() for row in plain.rows]
        assert [type(one) for one in table.column_types] == [type(one) for one in plain.column_types]


def test_a_graph_is_drawn_once_of_the_same_project_and_anew_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.compilation import Compiler

    from pipelines.modelling import kept

    monkeypatch.setattr(kept, "_drawn", {})
    monkeypatch.setattr(kept, "_draw", lambda compiler, manifest, write, tests: (manifest["name"], tests))
    one, another, compiler = {"name": "one"}, {"name": "another"}, _Drawn()
    with kept.work_kept():
        draw: Any = Compiler.compile
        assert draw(compiler, one, add_test_edges=True) == ("one", True)
        assert draw(compiler, one, add_test_edges=True) is draw(compiler, one, add_test_edges=True)
        assert draw(compiler, one) == ("one", False)
        assert draw(compiler, another, add_test_edges=True) == ("another", True)
    assert compiler.folders == 5, "the folder that a call writes into is made each time"
    assert Compiler.compile.__module__ == "dbt.compilation"
