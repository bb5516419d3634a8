"""What this release says otherwise than the one before it, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pipelines.release.standing import STAGE
from pipelines.site.figures import asked, numbers
from pipelines.site.markup import Figure, Raw, element, folded, joined, table
from pipelines.site.page import Page
from pipelines.site.released import EARLIER, Answer, Released
from pipelines.site.wording import Wording

Anew = tuple[str, int, int]
FIGURES = ("value", "lower", "upper", "obs_status", "pairs", "model_version")
MONTHS = ("period", "month")
MOST_SHOWN = 300
NO_DIMENSIONS = ("table_name", "community_id", "before", "now", "was_there", "is_there", "reason", *MONTHS)
BY_TIME = ("month_closed", "month_left")
REASONS = (*BY_TIME, "anew", "revised", "break", "withheld", "shown", "taken_back")
CALENDAR = """SELECT period, state, provisional_by, revised_on, final_on
FROM 'calendar.parquet'
ORDER BY period DESC"""
SIZES = "SELECT {month} AS period, count(*) AS figures FROM '{table}.parquet' GROUP BY ALL"
LAST = "(SELECT (max(period) || '-01')::DATE FROM {schema}.\"calendar.parquet\" WHERE state <> 'planned')"
# Whether the calendar lets the figures of a month stand: both releases tell it at the same stage.
STOOD = " = ".join(
    STAGE.format(age=f"date_diff('month', ({{month}} || '-01')::DATE, {LAST.format(schema=schema)})")
    for schema in ("main", EARLIER)
)
DIFFERENCES = """SELECT {table} AS table_name, {keys}, before.value AS before, now.value AS now,
  before.is_there AS was_there, now.is_there AS is_there,
  CASE WHEN before.is_there IS NULL AND {month} > (SELECT max({month}) FROM {earlier}) THEN 'month_closed'
    WHEN now.is_there IS NULL AND {month} NOT IN (SELECT {month} FROM {current}) THEN 'month_left'
    WHEN before.is_there AND {stood} THEN 'anew'
    WHEN now.is_there IS NULL THEN 'taken_back'
    WHEN now.value IS NULL THEN 'withheld' WHEN before.value IS NULL THEN 'shown'
    WHEN now.obs_status = 'B' THEN 'break' ELSE 'revised' END AS reason
FROM (SELECT *, true AS is_there FROM {current}) AS now
FULL JOIN (SELECT *, true AS is_there FROM {earlier}) AS before USING ({keys})
WHERE now.value IS DISTINCT FROM before.value OR now.is_there IS DISTINCT FROM before.is_there"""


def pages(released: Released) -> list[Page]:
    """The one page."""
    found = [row for name in sorted(released.columns) for row in _differences(released, name)]
    has_before = bool(released.columns_before)
    anew = _anew(released, found)
    calendar = released.ask(CALENDAR)
    return [
        Page(
            "changes.html",
            "changes",
            lambda wording: wording.words("site.section.changes"),
            _whole,
            (found, anew, has_before, calendar),
        )
    ]


def _differences(released: Released, name: str) -> list[dict[str, Any]]:
    """One row per figure of a table that differs from the release before; none where either has no such figures."""
    columns = released.columns[name]
    if not _is_compared(released, name):
        return []
    keys = [column for column in columns if column not in FIGURES]
    month = _month(columns)
    status = "now.obs_status" if "obs_status" in columns else "'P'"
    query = DIFFERENCES.replace("now.obs_status", status)
    stood = STOOD.format(month=month) if "calendar" in released.columns_before else "false"
    return released.ask(
        query.format(
            table=f"'{name}'",
            keys=", ".join(keys),
            month=month,
            stood=stood,
            current=f'main."{name}.parquet"',
            earlier=f'{EARLIER}."{name}.parquet"',
        )
    ).rows


def _is_compared(released: Released, name: str) -> bool:
    columns = released.columns[name]
    return "value" in columns and released.columns_before.get(name) == columns


def _month(columns: Iterable[str]) -> str:
    return next(column for column in MONTHS if column in columns)


def _anew(released: Released, found: list[dict[str, Any]]) -> list[Anew]:
    """The earlier months of which figures changed, the last first: how many, of how many that either release has."""
    changed = Counter(row[_month(row)] for row in found if row["reason"] not in BY_TIME)
    known: Counter[str] = Counter()
    for name in filter(lambda name: _is_compared(released, name), released.columns):
        rows = released.ask(SIZES.format(month=_month(released.columns[name]), table=name)).rows
        known.update({row["period"]: row["figures"] for row in rows})
    known.update(row[_month(row)] for row in found if row["reason"] == "taken_back")
    return [(month, changed[month], known[month]) for month in sorted(changed, reverse=True)]


def _whole(wording: Wording, found: list[dict[str, Any]], anew: list[Anew], has_before: bool, calendar: Answer) -> Raw:
    return joined([_body(wording, found, anew, has_before), _calendar(wording, calendar)])


def _body(wording: Wording, found: list[dict[str, Any]], anew: list[Anew], has_before: bool) -> Raw:
    lead = element("p", wording.words("site.changes.lead"), class_="lead")
    if not has_before:
        return joined([lead, element("p", wording.words("site.changes.first"))])
    if not found:
        return joined([lead, element("p", wording.words("site.changes.none"))])
    told = sorted((row for row in found if row["reason"] not in BY_TIME), key=_size, reverse=True)
    return joined([lead, _counts(wording, found), _reasons(wording, found), _listed(wording, told, anew)])


def _calendar(wording: Wording, calendar: Answer) -> Raw:
    title = wording.words("site.changes.calendar")
    return joined([element("h2", title), numbers(wording, title, calendar, wording.number), asked(wording, calendar)])


def _size(row: dict[str, Any]) -> float:
    """How much a figure differs; one that is not there counts as nought."""
    return float(abs((row["now"] or 0) - (row["before"] or 0)))


def _counts(wording: Wording, found: list[dict[str, Any]]) -> Raw:
    tables = sorted({row["table_name"] for row in found})
    reasons = [reason for reason in REASONS if any(row["reason"] == reason for row in found)]
    rows = [
        [
            wording.words(f"release.table.{name}"),
            *(
                Figure(wording.number(sum(row["table_name"] == name and row["reason"] == reason for row in found)))
                for reason in reasons
            ),
        ]
        for name in tables
    ]
    headings = [wording.words("site.column.table"), *(Figure(wording.words(f"site.reason.{r}")) for r in reasons)]
    return table(wording.words("site.changes.counts"), headings, rows)


def _reasons(wording: Wording, found: list[dict[str, Any]]) -> Raw:
    return element(
        "dl",
        *(
            joined(
                [
                    element("dt", wording.words(f"site.reason.{r}")),
                    element("dd", wording.words(f"site.reason.{r}.about")),
                ]
            )
            for r in REASONS
            if any(row["reason"] == r for row in found)
        ),
        class_="reasons",
    )


def _listed(wording: Wording, told: list[dict[str, Any]], anew: list[Anew]) -> Raw:
    if not told:
        return element("p", wording.words("site.changes.only_new"))

    def cells(row: dict[str, Any]) -> list[object]:
        dimensions = [
            wording.value(name, str(value))
            for name, value in row.items()
            if name not in NO_DIMENSIONS and value != "_T"
        ]
        month = next(row[name] for name in MONTHS if name in row)
        figures = [Figure(_figure(wording, row, *names)) for names in (("before", "was_there"), ("now", "is_there"))]
        reason = wording.words(f"site.reason.{row['reason']}")
        return [
            wording.words(f"release.table.{row['table_name']}"),
            wording.month(month),
            "; ".join(dimensions),
            *figures,
            reason,
        ]

    headings: list[object] = [wording.words(f"site.column.{name}") for name in ("table", "period", "dimensions")]
    headings += [Figure(wording.words(f"site.column.{name}")) for name in ("before", "now")]
    headings.append(wording.words("site.column.reason"))
    shown = table(wording.words("site.changes.listed"), headings, map(cells, told[:MOST_SHOWN]))
    notes = [wording.words("site.changes.steps")]
    if len(told) > MOST_SHOWN:
        notes.append(wording.words("site.changes.shown", shown=MOST_SHOWN, all=wording.number(len(told))))
    heading, folded_ = element("h2", wording.words("site.changes.listed")), folded(wording.words("site.numbers"), shown)
    return joined([heading, _months(wording, anew), *(element("p", note) for note in notes), folded_])


def _months(wording: Wording, anew: list[Anew]) -> Raw:
    """How many of the figures of each month changed."""
    told = [
        wording.words(
            "site.changes.anew",
            month=wording.month(month),
            changed=wording.number(changed),
            all=wording.number(known),
        )
        for month, changed, known in anew
    ]
    return element("ul", *(element("li", words) for words in told))


def _figure(wording: Wording, row: dict[str, Any], name: str, is_there: str) -> str:
    """A figure of a release; one that is withheld is told from one that is not there."""
    if row[name] is None and row[is_there]:
        return wording.words("site.withheld")
    return wording.number(row[name], _digits(row))


def _digits(row: dict[str, Any]) -> int:
    """Whole numbers are counts; others are shares and ratios."""
    return 0 if all(value is None or float(value).is_integer() for value in (row["before"], row["now"])) else 3
