"""From text columns to typed, judged rows: one SQL statement generated from the contract.

Grain of the result, the temporary table `judged`: one row per delivered row that could be split. `reasons` is NULL
where the row is good. What is changed on the way (a country's two letters, a partial date, stray blanks) keeps its
delivered text in `normalised`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contracts import Column, ColumnType, Contract, Marking
from pipelines.intake import container
from pipelines.storage.database import quoted

KEPT_OF_CITIZENS = "citizenship"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
ODD = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{00a0}\x{00ad}\x{0300}-\x{036f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
    r"|\n[ \t]|[ \t]\n|" + container.VIRUS.decode()
)
VIRUS = container.VIRUS.decode()
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
)
KNOWN_IDENTITY = ("birth_date", "document_number", "iin")


@dataclass(frozen=True)
class Problem:
    """A condition on the delivered text (`t_` columns) and the typed columns, and the code to report it by."""

    code: str
    when: str


def cast_sql(contract: Contract, columns: list[str]) -> str:
    """The statement that makes the table `judged` from the relations `delivered` and `at_hand`.

    Args:
        contract: The feed.
        columns: Header as delivered, in file order; `delivered` has them as `c0`, `c1`, … with `_delivery`, `_row`
            and `_line`, and `at_hand` says id and business date of each `_delivery`.
    """
    places = header_places(contract, columns)
    quarantine = [problem for column in contract.columns for problem in _rejecting(column)]
    quarantine += [_virus(contract), *_broken_rules(contract, "quarantine")]
    flags = [problem for column in contract.columns for problem in _flagging(column, contract)]
    flags += _broken_rules(contract, "flag")
    flags += [_insufficient()] if contract.identity_block else [Problem("", "false")]
    citizen = "coalesce(citizenship = 'KAZ', false)" if contract.citizens == "strip" else "false"
    identifying = [_identifying(contract.column(name)) for name in contract.record_id]
    record_id = " || '|' || ".join(f"coalesce({part}, '')" for part in identifying)
    delivered = as_json({column.name: f"d_{column.name}" for column in contract.columns})
    is_bad = f"({_any('q', quarantine)} OR len(_seldom) > 0)"
    return f"""CREATE OR REPLACE TEMP TABLE judged AS
WITH trimmed AS (
  SELECT _delivery, _row, _line, {_odd(len(columns))} AS _odd, {_texts(contract, places)},
    {_extra(contract, columns, places)} AS _extra
  FROM delivered
), typed AS (
  SELECT *, {_typed(contract)} FROM trimmed JOIN at_hand USING (_delivery) {_country_joins(contract)}
), dated AS (
  SELECT *, {contract.event_day} AS happened_on FROM typed
), tested AS (
  SELECT *, {citizen} AS is_citizen_stripped, {_seldom(contract)} AS _seldom,
    {_tests("q", quarantine)}, {_tests("f", flags)}
  FROM dated
)
SELECT {", ".join(_delivered_value(column, contract) for column in contract.columns)},
  {record_id} AS record_id, delivery_id, business_date, happened_on,
  CASE WHEN {_any("f", flags)} THEN {_listed("f", flags)} END AS flags,
  CASE WHEN NOT is_citizen_stripped THEN {_normalised(contract)} END AS normalised,
  CASE WHEN NOT is_citizen_stripped THEN _extra END AS extra,
  is_citizen_stripped, _delivery, _row, _line, 
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


def _odd(width: int) -> str:
    if not width:
        return "false"
    values = ", ".join(f"c{n}" for n in range(width))
    return f"CASE WHEN _suspect THEN regexp_matches(concat_ws(chr(10), '', {values}, ''), {quoted(ODD)}) ELSE false END"


def _texts(contract: Contract, places: dict[str, int]) -> str:
    parts = []
    for column in contract.columns:
        place = places.get(column.name)
        source = f"c{place}" if place is not None else "CAST(NULL AS VARCHAR)"
        text = f"CASE WHEN _odd THEN cleaned({source}) ELSE {source} END" if place is not None else source
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
    parts = [f"{_type_of(column, contract.clock('t_'))} AS {column.name}" for column in contract.columns]
    firsts = [c.name for c in contract.columns if c.type is ColumnType.partial_date]
    parts += [f"first_day_of(partial_of(t_{name})) AS {name}_first" for name in firsts]
    parts += [f"k_{c.name}.code AS k_{c.name}" for c in contract.columns if c.type is ColumnType.country]
    return ", ".join(parts)


def _type_of(column: Column, clock: str) -> str:
    text = f"t_{column.name}"
    whole = f"regexp_full_match({text}, '[+-]?\\d+(\\.0+)?')"
    return {
        ColumnType.country: f"coalesce(k_{column.name}.code, upper({text}))",
        ColumnType.sex: f"CASE WHEN upper({text}) IN ('M', 'F') THEN upper({text}) END",
        ColumnType.date: f"day_of({text})",
        ColumnType.partial_date: f"partial_of({text})",
        ColumnType.timestamp: f"moment_of({text}, {clock})",
        ColumnType.integer: f"CASE WHEN {whole} THEN TRY_CAST({text} AS BIGINT) END",
        ColumnType.decimal: f"CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END",
        ColumnType.boolean: f"truth_of({text})",
        ColumnType.list: f"items_of({text})",
    }.get(column.type, text)


def _country_joins(contract: Contract) -> str:
    countries = [column.name for column in contract.columns if column.type is ColumnType.country]
    return " ".join(f"LEFT JOIN country_code k_{name} ON k_{name}.alias = t_{name}" for name in countries)


def _rejecting(column: Column) -> list[Problem]:
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
        problems.append(Problem(f"not_a_date:{name}", f"CASE WHEN {unread} THEN NOT impossible_day({text}) END"))
        year = f"year({name}_first)"
        strange = f"{year} BETWEEN 1300 AND 1599 OR {year} > year(business_date) + 10"
        problems.append(Problem(f"calendar_not_gregorian:{name}", strange))
    if column.minimum is not None:
        problems.append(Problem(f"out_of_range:{name}", f"{name} < {column.minimum}"))
    if column.maximum is not None:
        problems.append(Problem(f"out_of_range:{name}", f"{name} > {column.maximum}"))
    return problems


def _flagging(column: Column, contract: Contract) -> list[Problem]:
    name, text = column.name, f"t_{column.name}"
    unknown = f"unknown_code:{name}"
    match column.type:
        case ColumnType.code if column.codes:
            codes = ", ".join(quoted(code) for code in column.codes)
            return [Problem(unknown, f"NOT list_contains([{codes}], {text})")]
        case ColumnType.country:
            return [Problem(unknown, f"{text} IS NOT NULL AND k_{name} IS NULL")]
        case ColumnType.kato:
            wrong = f"NOT regexp_full_match({text}, '\\d{{9}}')"
            return [Problem(unknown, f"CASE WHEN {text} IS NOT NULL THEN {wrong} END")]
        case ColumnType.sex:
            return [Problem(unknown, f"upper({text}) NOT IN ('M', 'F', 'X', 'U', '<')")]
        case ColumnType.partial_date:
            unread = f"{text} IS NOT NULL AND {name} IS NULL"
            return [Problem(f"impossible_date:{name}", f"CASE WHEN {unread} THEN impossible_day({text}) END")]
        case ColumnType.iin | ColumnType.bin:
            doubt = f"CASE WHEN {text} IS NOT NULL THEN NOT check_digit_holds({text}) END"
            if column.type is ColumnType.iin and contract.identity_block:
                agreed = f"check_digit_holds({text}) AND iin_agrees({text}, birth_date, birth_date_first, sex)"
                doubt = f"CASE WHEN {text} IS NOT NULL THEN NOT ({agreed}) END"
            return [Problem(f"{name}_unverified", doubt)]
        case _:
            return []


def _seldom(contract: Contract) -> str:
    """SQL for the reasons that only an odd row, or one with a long text, can have: one look at all columns."""
    limits = {c.name: c.max_length for c in contract.columns if c.type in (ColumnType.text, ColumnType.code)}
    long = [f"strlen(t_{name}) > {limit}" for name, limit in limits.items()]
    names = [column.name for column in contract.columns]
    odd = {name: f"_odd AND regexp_matches(d_{name}, {quoted(CONTROL)})" for name in names}
    each = [f"CASE WHEN {test} THEN 'control_character:{name}' END" for name, test in odd.items()]
    each += [f"CASE WHEN length(t_{name}) > {limit} THEN 'too_long:{name}' END" for name, limit in limits.items()]
    guard = " OR ".join(["_odd", *long])
    return f"CASE WHEN {guard} THEN list_filter([{', '.join(each)}], lambda r: r IS NOT NULL) END"


def _identifying(column: Column) -> str:
    """A column's part of the record id: as delivered, but for a state one code whatever the spelling."""
    return column.name if column.type is ColumnType.country else f"t_{column.name}"


def _virus(contract: Contract) -> Problem:
    values = ", ".join(f"d_{column.name}" for column in contract.columns)
    return Problem("virus_test_string", f"CASE WHEN _odd THEN contains(concat_ws(' ', {values}), {quoted(VIRUS)}) END")


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
    each = ", ".join(f"CASE WHEN {prefix}{n} THEN {quoted(problem.code)} END" for n, problem in enumerate(problems))
    return f"list_filter([{each}], lambda r: r IS NOT NULL)"


def _normalised(contract: Contract) -> str:
    changed = {
        column.name: f"d_{column.name} IS DISTINCT FROM CAST({column.name} AS VARCHAR)"
        for column in contract.columns
        if column.type in (ColumnType.country, ColumnType.sex, ColumnType.partial_date)
    }
    cleaned = {
        column.name: f"d_{column.name} IS DISTINCT FROM t_{column.name}"
        for column in contract.columns
        if column.name not in changed
    }
    odd = " OR ".join(["false", *cleaned.values()])
    some = " OR ".join([f"CASE WHEN _odd THEN {odd} END", *changed.values()])
    changed |= cleaned
    entries = ", ".join(
        f"CASE WHEN {test} THEN {{'k': {quoted(name)}, 'v': d_{name}}} END" for name, test in changed.items()
    )
    return f"CASE WHEN {some} THEN map_from_entries(list_filter([{entries}], lambda e: e IS NOT NULL)) END"


def _delivered_value(column: Column, contract: Contract) -> str:
    dropped = contract.citizens == "strip" and column.marking is not Marking.open and column.name != KEPT_OF_CITIZENS
    return f"CASE WHEN NOT is_citizen_stripped THEN {column.name} END AS {column.name}" if dropped else column.name
