"""From text columns to typed, judged rows: one SQL statement generated from the contract.

Grain of the result: one row per delivered row that could be split. `reasons` is NULL where the row is good. What is
changed on the way (a country's two letters, a partial date, stray blanks) keeps its delivered text in `normalised`.
"""

from __future__ import annotations

from pipelines.contracts import Column, ColumnType, Contract, Marking
from pipelines.intake import codes, oddities
from pipelines.intake.problems import Problem, broken_rules, filled, fillers, flagging, insufficient, rejecting
from pipelines.storage.database import quoted

KEPT_OF_CITIZENS = "citizenship"
BOOKKEEPING = (
    "record_id",
    "delivery_id",
    "business_date",
    "happened_on",
    "flags",
    "normalised",
    "extra",
    "is_citizen_stripped",
    "line_number",
)
REWRITTEN = (ColumnType.country, ColumnType.sex, ColumnType.partial_date)


def cast_sql(contract: Contract, columns: list[str], types: dict[str, str], is_odd: bool = True) -> str:
    """The statement that judges rows, made from the relations `delivered` and `at_hand`.

    What a column that the file lacks, or a row that is not odd, cannot have is not looked for.

    Args:
        contract: The feed.
        columns: Header as delivered, in file order; `delivered` has them as `c0`, `c1`, … with `_delivery`, `_row`
            and `_line`, and `at_hand` says id and business date of each `_delivery`.
        types: SQL types of the columns of bronze.
        is_odd: Whether any row may be odd; see `oddities`.
    """
    places = header_places(contract, columns)
    there = [column for column in contract.columns if column.name in places]
    quarantine, flags = _problems(contract, there, is_odd)
    citizen = "coalesce(citizenship = 'KAZ', false)" if contract.citizens == "strip" else "false"
    delivered = as_json({column.name: f"d_{column.name}" for column in contract.columns})
    is_bad = f"({_any('q', quarantine)} OR len(_seldom) > 0)"
    return f"""WITH looked AS (
  SELECT *, {oddities.odd(len(columns)) if is_odd else "false"} AS _odd FROM delivered
), cleaned AS (
  SELECT *, {oddities.cleaned(len(columns)) if is_odd else "NULL"} AS _cleaned FROM looked
), trimmed AS (
  SELECT _delivery, _row, _line, _odd, {_texts(contract, places, is_odd)}, {_extra(contract, columns, places)} AS _extra
  FROM cleaned
), typed AS (
  SELECT *, {_typed(contract, there, types)} FROM trimmed JOIN at_hand USING (_delivery)
), dated AS (
  SELECT *, {_dated(contract)} FROM typed
), renamed AS (
  SELECT {codes.of_the_day(contract, there)} FROM dated
), tested AS (
  SELECT *, {citizen} AS is_citizen_stripped, {oddities.reasons(contract, there, is_odd)} AS _seldom
    {_tests("q", quarantine)} {_tests("f", flags)}
  FROM renamed
)
SELECT {", ".join(_delivered_value(column, contract) for column in contract.columns)},
  {codes.record_id(contract)} AS record_id, delivery_id, business_date, happened_on,
  CASE WHEN {_any("f", flags)} THEN {_listed("f", flags)} END AS flags,
  CASE WHEN NOT is_citizen_stripped THEN {_normalised(there, flags)} END AS normalised,
  CASE WHEN NOT is_citizen_stripped THEN _extra END AS extra,
  is_citizen_stripped, coalesce(nullif(_line, 0), _row + 1) AS line_number, _delivery, _row, _line,
  CASE WHEN {is_bad} THEN list_concat(_seldom, {_listed("q", quarantine)}) END AS reasons,
  CASE WHEN {is_bad} THEN {delivered} END AS _delivered
FROM tested"""


def _problems(contract: Contract, there: list[Column], is_odd: bool) -> tuple[list[Problem], list[Problem]]:
    """What holds a row back, and what is told of it."""
    quarantine = [problem for column in there for problem in rejecting(column, contract)]
    quarantine += [Problem("virus_test_string", oddities.virus(there))] if is_odd else []
    quarantine += broken_rules(contract, "quarantine")
    flags = [problem for column in there for problem in flagging(column, contract)]
    flags += [filled(column) for column in there if column.fillers]
    flags += broken_rules(contract, "flag")
    marks = oddities.marks(contract, there, is_odd) | codes.marks(contract, there)
    flags += [Problem(*mark) for mark in marks.items()]
    flags += [insufficient()] if contract.identity_block else []
    return quarantine, flags


def header_places(contract: Contract, columns: list[str]) -> dict[str, int]:
    """Where each contract column stands in the file; columns that are absent are left out."""
    aliases = {alias.lower(): column.name for column in contract.columns for alias in (column.name, *column.aliases)}
    return {aliases[name]: place for place, name in enumerate(columns) if name in aliases}


def forbidden(contract: Contract, name: str) -> bool:
    """Whether a delivered column may not be kept: faith in any feed, ethnicity where the contract has none."""
    return name == "religion" or (name == "ethnicity" and name not in {column.name for column in contract.columns})


def bronze_columns(contract: Contract) -> list[str]:
    """Columns of an accepted row in bronze, in order."""
    own = [column.name for column in contract.columns]
    return [*own, *BOOKKEEPING]


def _texts(contract: Contract, places: dict[str, int], is_odd: bool) -> str:
    parts = []
    for column in contract.columns:
        place = places.get(column.name)
        source = f"c{place}" if place is not None else "CAST(NULL AS VARCHAR)"
        text = source
        if is_odd and place is not None:
            text = f"CASE WHEN _odd THEN _cleaned[{place + 1}] ELSE {source} END"
        if column.fillers and place is not None:
            text = f"CASE WHEN NOT list_contains({fillers(column)}, {text}) THEN {text} END"
        parts.append(f"{text} AS t_{column.name}, {source} AS d_{column.name}")
    return ", ".join(parts)


def _extra(contract: Contract, columns: list[str], places: dict[str, int]) -> str:
    known = set(places.values())
    unknown = [n for n, name in enumerate(columns) if n not in known and not forbidden(contract, name)]
    if not unknown:
        return "CAST(NULL AS MAP(VARCHAR, VARCHAR))"
    entries = ", ".join(f"{{'k': {quoted(columns[n])}, 'v': c{n}}}" for n in unknown)
    return f"map_from_entries(list_filter([{entries}], lambda e: e.v IS NOT NULL))"


def _typed(contract: Contract, there: list[Column], types: dict[str, str]) -> str:
    known = [f"country_of(t_{c.name}) AS k_{c.name}" for c in there if c.type is ColumnType.country]
    numbers = (ColumnType.iin, ColumnType.bin)
    known += [f"TRY_CAST(t_{c.name} AS BIGINT) AS n_{c.name}" for c in there if c.type in numbers]
    typed = [f"{_type_of(column, contract.clock('t_'))} AS {column.name}" for column in there]
    named = {column.name for column in there}
    absent = [column.name for column in contract.columns if column.name not in named]
    return ", ".join([*known, *typed, *(f"CAST(NULL AS {types[name]}) AS {name}" for name in absent)])


def _dated(contract: Contract) -> str:
    firsts = [column.name for column in contract.columns if column.type is ColumnType.partial_date]
    parts = [f"first_day_of({name}) AS {name}_first" for name in firsts]
    return ", ".join([f"{contract.event_day} AS happened_on", *parts])


def _type_of(column: Column, clock: str) -> str:
    text = f"t_{column.name}"
    if column.on_paper:
        return f"CASE WHEN strlen({text}) > length({text}) THEN latin_of({text}) ELSE {text} END"
    whole = f"regexp_full_match({text}, '[+-]?\\d+(\\.0+)?')"
    return {
        ColumnType.country: f"coalesce(k_{column.name}, upper({text}))",
        ColumnType.sex: f"CASE WHEN upper({text}) IN ('M', 'F') THEN upper({text}) END",
        ColumnType.date: f"day_of({text})",
        ColumnType.partial_date: f"partial_before({text}, business_date)",
        ColumnType.timestamp: f"moment_of({text}, {clock})",
        ColumnType.integer: f"CASE WHEN {whole} THEN TRY_CAST({text} AS BIGINT) END",
        ColumnType.decimal: f"CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END",
        ColumnType.boolean: f"truth_of({text})",
        ColumnType.list: f"items_of({text})",
    }.get(column.type, text)


def as_json(values: dict[str, str]) -> str:
    """SQL for a JSON text with the given members; values are SQL expressions."""
    members = ", ".join(f"{quoted(name)}: {value}" for name, value in values.items())
    return f"CAST(to_json({{{members}}}) AS VARCHAR)"


def _tests(prefix: str, problems: list[Problem]) -> str:
    return "".join(f", {problem.when} AS {prefix}{n}" for n, problem in enumerate(problems))


def _any(prefix: str, problems: list[Problem]) -> str:
    return "(" + (" OR ".join(f"{prefix}{n}" for n in range(len(problems))) or "false") + ")"


def _listed(prefix: str, problems: list[Problem]) -> str:
    codes = ", ".join(f"CASE WHEN {prefix}{n} THEN {quoted(problem.code)} END" for n, problem in enumerate(problems))
    return f"list_filter(CAST([{codes}] AS VARCHAR[]), lambda code: code IS NOT NULL)"


def _normalised(there: list[Column], flags: list[Problem]) -> str:
    """SQL for the map from a column to its delivered text, of the columns in which something was changed."""
    read = {column.name: _read_as(column) for column in there}
    rewritten = [column.name for column in there if column.type in REWRITTEN]
    changed = [f"d_{name} IS DISTINCT FROM {read[name]}" for name in rewritten]
    mended = [f"f{n}" for n, flag in enumerate(flags) if flag.code.startswith(("filler:", "homoglyph:"))]
    some = " OR ".join(["_odd", *mended, *changed])
    entries = [
        f"CASE WHEN d_{name} IS DISTINCT FROM {text} THEN {{'k': '{name}', 'v': d_{name}}} END"
        for name, text in read.items()
    ]
    differing = f"list_filter([{', '.join(entries)}], lambda entry: entry IS NOT NULL)"
    return f"CASE WHEN {some} THEN map_from_entries(nullif({differing}, [])) END"


def _read_as(column: Column) -> str:
    """SQL for the text as which a column was read, to compare with what was delivered."""
    if column.on_paper:
        return column.name
    return f"CAST({column.name} AS VARCHAR)" if column.type in REWRITTEN else f"t_{column.name}"


def _delivered_value(column: Column, contract: Contract) -> str:
    dropped = contract.citizens == "strip" and column.marking is not Marking.open and column.name != KEPT_OF_CITIZENS
    return f"CASE WHEN NOT is_citizen_stripped THEN {column.name} END AS {column.name}" if dropped else column.name
