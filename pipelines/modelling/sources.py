"""What the dbt project must know of the feeds, written from the contracts.

For each feed a source `raw.<feed>` with the meanings of its columns and a staging view; for all feeds together the
sources that other steps fill, the macro that names the person feeds, and the one that says by which clock intake reads
moments at a post. A new feed folder needs nothing else to be modelled. The files are git-ignored and rewritten only
when they differ, so that dbt's parse cache holds.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts import Column, Contract, Marking, load_contracts
from pipelines.intake.codes import POSTS, REGIONS
from pipelines.settings import CHECKOUT, Settings
from pipelines.storage.database import ZONE, quoted
from pipelines.storage.files import write_whole

MODELS = CHECKOUT / "dbt_project" / "models" / "sources"
MACROS = CHECKOUT / "dbt_project" / "macros" / "derived"
EVENT_COLUMNS = ("direction", "action", "event")
STEPS = Path(__file__).parent / "step_tables.yml"


def write_sources(settings: Settings) -> list[Path]:
    """Writes the derived files that differ and removes those of feeds that are gone.

    Returns:
        The files that changed.
    """
    return _settle(_wanted(settings.sources))


@lru_cache(maxsize=8)
def _wanted(sources: Path) -> dict[Path, str]:
    """What the derived folders hold for the contracts of `sources`, which are read once in a process too."""
    contracts = load_contracts(sources)
    steps: dict[str, Any] = yaml.safe_load(STEPS.read_text(encoding="utf-8"))
    row_columns: list[dict[str, str]] = steps.pop("row_columns")
    wanted = {MODELS / "_steps.yml": _yaml(steps), MACROS / "person_feeds.sql": _person_feeds(contracts)}
    wanted[MACROS / "scheduled_feeds.sql"] = _scheduled_feeds(contracts)
    wanted[MACROS / "clock_at_post.sql"] = _clock_at_post()
    for contract in contracts.values():
        columns = [_column(column) for column in contract.columns] + row_columns
        wanted[MODELS / f"{contract.feed}.yml"] = _yaml(_feed(contract, columns))
        wanted[MODELS / f"stg_{contract.feed}.sql"] = f"{{{{ current_records('{contract.feed}') }}}}\n"
    return wanted


def _settle(wanted: dict[Path, str]) -> list[Path]:
    """Makes the derived folders hold exactly `wanted`."""
    present = {path for folder in (MODELS, MACROS) if folder.is_dir() for path in folder.iterdir()}
    stale = sorted(path for path in present - wanted.keys() if not path.name.startswith("."))
    for path in stale:
        path.unlink(missing_ok=True)
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in changed:
        write_whole(path, wanted[path].encode(), "modelling.sources", mode=0o644)
    return stale + changed


def _feed(contract: Contract, columns: list[dict[str, str]]) -> dict[str, Any]:
    source = {
        "name": contract.feed,
        "description": f"One row per accepted row version. {contract.description}",
        "config": {"meta": {"agency": contract.agency.en, "identity_block": contract.identity_block}},
        "columns": columns,
    }
    staging = {
        "name": f"stg_{contract.feed}",
        "description": f"One row per current record. {contract.description}",
        "columns": columns,
    }
    return {
        "version": 2,
        "sources": [{"name": "raw", "schema": "raw", "database": "build", "tables": [source]}],
        "models": [staging],
    }


def _column(column: Column) -> dict[str, str]:
    return {"name": column.name, "description": column.meaning}


def _person_feeds(contracts: dict[str, Contract]) -> str:
    """The macro that names person feeds, with what the models must know of each.

    `event` is the column that says what happened, `announces` whether it is yet to happen, and `is_restricted` whether
    the feed's name alone tells of protection, ethnicity or offence.
    """
    people = [contract for contract in contracts.values() if contract.identity_block]
    rows = [
        f"    {{'feed': '{contract.feed}', 'event': '{_event(contract)}', 'announces': {contract.announces}, "
        f"'is_restricted': {contract.marking is Marking.restricted}}},"
        for contract in people
    ]
    listed = "\n".join(rows)
    return (
        "{% macro person_feeds() %}\n{#- One entry per feed whose contract carries the identity block. -#}\n"
        f"{{{{ return([\n{listed}\n]) }}}}\n{{% endmacro %}}\n"
    )


def _clock_at_post() -> str:
    """The macro that says by which clock intake reads moments at a post, by the list of posts that ships.

    The delivered register may come later than the passages, and another order of deliveries must give the same.
    """
    clocks = {row["kato"][:2]: row["clock"] for row in _rows(REGIONS)}
    posts: dict[str, list[str]] = {}
    for row in _rows(POSTS):
        posts.setdefault(clocks.get(row["kato"][:2], ZONE), []).append(row["post_code"])
    cases = "\n".join(
        f"    when {{{{ post_code }}}} in ({', '.join(map(quoted, codes))}) then {quoted(clock)}"
        for clock, codes in sorted(posts.items())
        if clock != ZONE
    )
    return (
        "{% macro clock_at_post(post_code) -%}\n{#- The zone whose clock a post of the public list keeps. -#}\n"
        f"case\n{cases}\n    else {quoted(ZONE)}\nend\n{{%- endmacro %}}\n"
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _scheduled_feeds(contracts: dict[str, Contract]) -> str:
    """The macro that names the feeds that are due by a calendar, with where their rows say they are from.

    Feeds whose name alone tells of protection, ethnicity or offence are not broken down by place. `strips` says that
    the identity of citizens is dropped.
    """
    rows = []
    for contract in contracts.values():
        names = {column.name for column in contract.columns} if contract.marking is not Marking.restricted else set()
        if contract.cadence.days is not None:
            rows.append(
                f"    {{'feed': '{contract.feed}', 'days': {contract.cadence.days}, 'grace': {contract.grace_days}, "
                f"'has_post': {'post_code' in names}, 'has_kato': {'kato' in names}, "
                f"'strips': {contract.citizens == 'strip'}}},"
            )
    listed = "\n".join(rows)
    return (
        "{% macro scheduled_feeds() %}\n{#- One entry per feed that is due by a calendar. -#}\n"
        f"{{{{ return([\n{listed}\n]) }}}}\n{{% endmacro %}}\n"
    )


def _event(contract: Contract) -> str:
    """The column that says what happened; the contract calls it by one of few names."""
    names = {column.name for column in contract.columns}
    return next((name for name in EVENT_COLUMNS if name in names), "null")


def _yaml(document: dict[str, Any]) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(document, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120)
