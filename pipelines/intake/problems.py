"""What may be wrong with a row, one condition and code each, by the types of its columns and the rules of its feed.

How the conditions are put together into a statement stands in `casting`; what few rows have, in `oddities`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contracts import Column, ColumnType, Contract
from pipelines.storage.database import quoted

NAME_COLUMNS = ("surname", "given_names", "full_name", "surname_latin", "given_names_latin")
FIRST_YEAR = 1600
FOREIGN_YEAR = f"year({{0}}) < {FIRST_YEAR} OR year({{0}}) BETWEEN 2400 AND 2699"
ROUNDED = r"\d([.,]\d+)?[eE]\+\d+|=.*"
DIGITS_LOST = {ColumnType.text: ROUNDED, ColumnType.iin: rf"\d{{8,11}}|{ROUNDED}"}
KNOWN_IDENTITY = ("birth_date", "document_number", "iin")


@dataclass(frozen=True)
class Problem:
    """A condition on the delivered text (`t_` columns) and the typed columns, and the code to report it by."""

    code: str
    when: str


def rejecting(column: Column, contract: Contract) -> list[Problem]:
    """What a value of a column may have that holds the row back."""
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


def flagging(column: Column, contract: Contract) -> list[Problem]:
    """What a value of a column may have that is told of the row."""
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


def filled(column: Column) -> Problem:
    """That a clerk wrote a filler into a column."""
    name = column.name
    is_empty = f"t_{name} IS NULL AND d_{name} IS NOT NULL"
    return Problem(f"filler:{name}", f"CASE WHEN {is_empty} THEN list_contains({fillers(column)}, trim(d_{name})) END")


def fillers(column: Column) -> str:
    """SQL for the list of fillers; the engine would write `IN` out as one comparison of the whole text per filler."""
    return f"[{', '.join(map(quoted, column.fillers))}]"


def broken_rules(contract: Contract, severity: str) -> list[Problem]:
    """Rules of a feed that a row breaks; one that cannot be decided is kept."""
    return [Problem(rule.id, f"({rule.holds}) IS FALSE") for rule in contract.rules if rule.severity == severity]


def insufficient() -> Problem:
    """That a row names a person whom nothing tells from others of the name."""
    named = ", ".join(NAME_COLUMNS)
    known = ", ".join(KNOWN_IDENTITY)
    return Problem("identity_insufficient", f"coalesce({named}) IS NOT NULL AND coalesce({known}) IS NULL")
