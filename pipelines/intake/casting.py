"""From text columns to typed, judged rows: one SQL statement generated from the contract.

Grain of the result: one row per delivered row that could be split. `reasons` is NULL where the row is good. What is
changed on the way (a country's two letters, a partial date, stray blanks) keeps its delivered text in `normalised`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contracts import Column, ColumnType, Contract, Marking
from pipelines.intake import codes, oddities
from pipelines.storage.database import quoted

KEPT_OF_CITIZENS = "citizenship"
NAME_COLUMNS = ("surname", "given_names", "full_name", "surname_latin", "given_names_latin")
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
FIRST_YEAR = 1600
FOREIGN_YEAR = f"year({{0}}) < {FIRST_YEAR} OR year({{0}}) BETWEEN 2400 AND 2699"
ROUNDED = r"\d([.,]\d+)?[eE]\+\d+|=.*"
REWRITTEN = (ColumnType.country, ColumnType.sex, ColumnType.partial_date)
DIGITS_LOST = {ColumnType.text: ROUNDED, ColumnType.iin: rf"\d{{8,11}}|{ROUNDED}"}
KNOWN_IDENTITY = ("birth_date", "document_number", "iin")


@dataclass(frozen=True)
class Problem:
    """A condition on the delivered text (`t_` columns) and the typed columns, and the code to report it by."""

    code: str
    when: str


def cast_sql(contract: Contract, columns: list[str]) -> str:
    """The statement that judges rows, made from the relations `delivered` and `at_hand`.

    Args:
        contract: The feed.
        columns: Header as delivered, in file order; `delivered` has them as `c0`, `c1`, … with `_delivery`, `_row`
            and `_line`, and `at_hand` says id and business date of each `_delivery`.
    """
    places = header_places(contract, columns)
    quarantine = [problem for column in contract.columns for problem in _rejecting(column, contract)]
    quarantine += [Problem("virus_test_string", oddities.virus(contract)), *_broken_rules(contract, "quarantine")]
    flags = [problem for column in contract.columns for problem in _flagging(column, contract)]
    flags += [_filled(column) for column in contract.columns if column.fillers]
    flags += _broken_rules(contract, "flag")
    flags += [Problem(*mark) for marks in (oddities.marks, codes.marks) for mark in marks(contract).items()]
    flags += [_insufficient()] if contract.identity_block else []
    citizen = "coalesce(citizenship = 'KAZ', false)" if contract.citizens == "strip" else "false"
    delivered = as_json({column.name: f"d_{column.name}" for column in contract.columns})
    is_bad = f"({_any('q', quarantine)} OR len(_seldom) > 0)"
    return f"""WITH looked AS (
  SELECT *, {oddities.odd(len(columns))} AS _odd FROM delivered
), cleaned AS (
  SELECT *, {oddities.cleaned(len(columns))} AS _cleaned FROM looked
), trimmed AS (
  SELECT _delivery, _row, _line, _odd, {_texts(contract, places)}, {_extra(contract, columns, places)} AS _extra
  FROM cleaned
), typed AS (
  SELECT *, {_typed(contract)} FROM trimmed JOIN at_hand USING (_delivery)
), dated AS (
  SELECT *, {_dated(contract)} FROM typed
), renamed AS (
  SELECT {codes.of_the_day(contract)} FROM dated
), tested AS (
  SELECT *, {citizen} AS is_citizen_stripped, {oddities.reasons(contract)} AS _seldom,
    {_tests("q", quarantine)}, {_tests("f", flags)}
  FROM renamed
)
SELECT {", ".join(_delivered_value(column, contract) for column in contract.columns)},
  {codes.record_id(contract)} AS record_id, delivery_id, business_date, happened_on,
  CASE WHEN {_any("f", flags)} THEN {_listed("f", flags)} END AS flags,
  CASE WHEN NOT is_citizen_stripped THEN {_normalised(contract, flags)} END AS normalised,
  CASE WHEN NOT is_citizen_stripped THEN _extra END AS extra,
  is_citizen_stripped, coalesce(nullif(_line, 0), _row + 1) AS line_number, _delivery, _row, _line,
  CASE WHEN {is_bad} THEN list_concat(_seldom, {_listed("q", quarantine)}) END AS reasons,
  CASE WHEN {is_bad} THEN {delivered} END AS _delivered
FROM tested"""


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


def _texts(contract: Contract, places: dict[str, int]) -> str:
    parts = []
    for column in contract.columns:
        place = places.get(column.name)
        source = f"c{place}" if place is not None else "CAST(NULL AS VARCHAR)"
        text = f"CASE WHEN _odd THEN _cleaned[{place + 1}] ELSE {source} END" if place is not None else source
        if column.fillers and place is not None:
            text = f"CASE WHEN NOT list_contains({_fillers(column)}, {text}) THEN {text} END"
        parts.append(f"{text} AS t_{column.name}, {source} AS d_{column.name}")
    return ", ".join(parts)


def _extra(contract: Contract, columns: list[str], places: dict[str, int]) -> str:
    known = set(places.values())
    unknown = [n for n, name in enumerate(columns) if n not in known and not forbidden(contract, name)]
    if not unknown:
        return "CAST(NULL AS MAP(VARCHAR, VARCHAR))"
    entries = ", ".join(f"{{'k': {quoted(columns[n])}, 'v': c{n}}}" for n in unknown)
    return f"map_from_entries(list_filter([{entries}], lambda e: e.v IS NOT NULL))"


def _typed(contract: Contract) -> str:
    known = [f"country_of(t_{c.name}) AS k_{c.name}" for c in contract.columns if c.type is ColumnType.country]
    numbers = (ColumnType.iin, ColumnType.bin)
    known += [f"TRY_CAST(t_{c.name} AS BIGINT) AS n_{c.name}" for c in contract.columns if c.type in numbers]
    typed = [f"{_type_of(column, contract.clock('t_'))} AS {column.name}" for column in contract.columns]
    return ", ".join(known + typed)


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


def _rejecting(column: Column, contract: Contract) -> list[Problem]:
    name, text = column.name, f"t_{column.name}"
    problems = []
    if column.required:
        problems.append(Problem(f"missing_required:{name}", f"{text} IS NULL"))
    kind = {
        ColumnType.date: "date",
        ColumnType.timestamp: "timestamp",
        ColumnType.integer: "number",
        ColumnType.decimal: "number",
        ColumnType.boolean: "boolean",
        ColumnType.list: "list",
    }.get(column.type)
    if kind:
        problems.append(Problem(f"not_a_{kind}:{name}", f"{text} IS NOT NULL AND {name} IS NULL"))
    if column.type is ColumnType.partial_date:
        unread = f"{text} IS NOT NULL AND {name} IS NULL"
        read_otherwise = f"impossible_day({text}) OR year_in_two_digits({text})"
        problems.append(Problem(f"not_a_date:{name}", f"CASE WHEN {unread} THEN NOT ({read_otherwise}) END"))
        foreign = f"year({name}_first) < {FIRST_YEAR} OR year({name}_first) > year(business_date) + 10"
        problems.append(Problem(f"calendar_not_gregorian:{name}", foreign))
    if column.type in (ColumnType.date, ColumnType.timestamp) and name != contract.event_time:
        problems.append(Problem(f"calendar_not_gregorian:{name}", FOREIGN_YEAR.format(name)))
    if column.on_paper or column.type is ColumnType.iin:
        lost = f"regexp_full_match({text}, '{DIGITS_LOST[column.type]}')"
        is_strange = "strlen({0}) <> 12" if column.type is ColumnType.iin else "{0} LIKE '=%'"
        guard = f"{is_strange} OR contains({{0}}, '+')".format(text)
        problems.append(Problem(f"digits_lost:{name}", f"CASE WHEN {guard} THEN {lost} END"))
    for bound, beyond in ((column.minimum, "<"), (column.maximum, ">")):
        if bound is not None:
            problems.append(Problem(f"out_of_range:{name}", f"{name} {beyond} {bound}"))
    return problems


def _flagging(column: Column, contract: Contract) -> list[Problem]:
    name, text = column.name, f"t_{column.name}"
    unknown = f"unknown_code:{name}"
    match column.type:
        case ColumnType.text if column.on_paper:
            return [Problem(f"homoglyph:{name}", f"{text} <> {name}")]
        case ColumnType.timestamp:
            return [Problem(f"repeated_hour:{name}", f"hour_came_twice({text}, {name}, {contract.clock('t_')})")]
        case ColumnType.code if column.codes:
            codes = ", ".join(quoted(code) for code in column.codes)
            return [Problem(unknown, f"NOT list_contains([{codes}], {text})")]
        case ColumnType.country:
            return [Problem(unknown, f"{text} IS NOT NULL AND k_{name} IS NULL")]
        case ColumnType.kato:
            wrong = f"NOT regexp_full_match({text}, '\\d{{9}}')"
            return [Problem(unknown, f"CASE WHEN {text} IS NOT NULL THEN {wrong} END")]
        case ColumnType.sex:
            return [Problem(unknown, f"NOT list_contains(['M', 'F', 'X', 'U', '<'], upper({text}))")]
        case ColumnType.partial_date:
            unread = f"{text} IS NOT NULL AND {name} IS NULL"
            causes = (("impossible_date", "impossible_day"), ("century_unknown", "year_in_two_digits"))
            tests = {f"{code}:{name}": f"CASE WHEN {unread} THEN {is_so}({text}) END" for code, is_so in causes}
            return [Problem(code, test) for code, test in tests.items()]
        case ColumnType.iin | ColumnType.bin:
            doubt = f"CASE WHEN {text} IS NOT NULL THEN NOT check_digit_holds({text}, n_{name}) END"
            if column.type is ColumnType.iin and contract.identity_block:
                agreed = f"iin_agrees({text}, n_{name}, birth_date, birth_date_first, sex)"
                doubt = f"CASE WHEN {text} IS NOT NULL THEN NOT (check_digit_holds({text}, n_{name}) AND {agreed}) END"
            return [Problem(f"{name}_unverified", doubt)]
        case _:
            return []


def _filled(column: Column) -> Problem:
    name = column.name
    is_empty = f"t_{name} IS NULL AND d_{name} IS NOT NULL"
    return Problem(f"filler:{name}", f"CASE WHEN {is_empty} THEN list_contains({_fillers(column)}, trim(d_{name})) END")


def _fillers(column: Column) -> str:
    """SQL for the list of fillers; the engine would write `IN` out as one comparison of the whole text per filler."""
    return f"[{', '.join(map(quoted, column.fillers))}]"


def _broken_rules(contract: Contract, severity: str) -> list[Problem]:
    return [Problem(rule.id, f"({rule.holds}) IS FALSE") for rule in contract.rules if rule.severity == severity]


def _insufficient() -> Problem:
    named = ", ".join(NAME_COLUMNS)
    known = ", ".join(KNOWN_IDENTITY)
    return Problem("identity_insufficient", f"coalesce({named}) IS NOT NULL AND coalesce({known}) IS NULL")


def as_json(values: dict[str, str]) -> str:
    """SQL for a JSON text with the given members; values are SQL expressions."""
    members = ", ".join(f"{quoted(name)}: {value}" for name, value in values.items())
    return f"CAST(to_json({{{members}}}) AS VARCHAR)"


def _tests(prefix: str, problems: list[Problem]) -> str:
    return ", ".join(f"{problem.when} AS {prefix}{n}" for n, problem in enumerate(problems))


def _any(prefix: str, problems: list[Problem]) -> str:
    return "(" + " OR ".join(f"{prefix}{n}" for n in range(len(problems))) + ")"


def _listed(prefix: str, problems: list[Problem]) -> str:
    codes = ", ".join(f"CASE WHEN {prefix}{n} THEN {quoted(problem.code)} END" for n, problem in enumerate(problems))
    return f"list_filter([{codes}], lambda code: code IS NOT NULL)"


def _normalised(contract: Contract, flags: list[Problem]) -> str:
    """SQL for the map from a column to its delivered text, of the columns in which something was changed."""
    read = {column.name: _read_as(column) for column in contract.columns}
    rewritten = [column.name for column in contract.columns if column.type in REWRITTEN]
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
