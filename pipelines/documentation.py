"""The documentation that is derived: the page of models, and the dictionary of what agencies send.

`make docs` runs it. The pages go to the build folder; nothing of them is kept with the code. What is written by hand
stands in `docs/guide/`.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.contracts import Column, Contract, load_contracts
from pipelines.modelling.calling import invoke
from pipelines.modelling.sources import write_sources
from pipelines.settings import Settings
from pipelines.storage import Home, run_lock
from pipelines.storage.keys import make_missing_keys


def write_documentation(settings: Settings) -> list[Path]:
    """Writes both pages and returns where they are.

    Raises:
        LockHeldError: A load is running; the page of models reads the build database.
    """
    home = Home(settings.home)
    home.prepare()
    make_missing_keys(settings)
    folder = home.build / "docs"
    folder.mkdir(exist_ok=True)
    dictionary = folder / "dictionary.md"
    dictionary.write_text(build_dictionary(load_contracts(settings.sources)), encoding="utf-8")
    with run_lock(home.lock, "make docs", settings.lock_wait_seconds):
        write_sources(settings)
        with TemporaryDirectory(dir=folder) as target:
            invoke(settings, ["docs", "generate", "--static"], target=Path(target))
            models = (Path(target) / "static_index.html").replace(folder / "models.html")
    return [models, dictionary]


def build_dictionary(contracts: dict[str, Contract]) -> str:
    """The dictionary of deliveries as Markdown, feed by feed."""
    return "\n".join(["# What agencies send\n", *(_feed(contract) for contract in contracts.values())])


def _feed(contract: Contract) -> str:
    record = ", ".join(contract.record_id)
    about = f"{contract.description}\n\nFrom: {contract.agency.en}. Comes: {contract.cadence.value}. Record: {record}."
    columns = ["| column | type | required | who may see it | meaning |", "|---|---|---|---|---|"]
    columns += [_column(column) for column in contract.columns]
    rules = [f"- `{rule.id}` ({rule.severity}): {rule.reason}" for rule in contract.rules]
    return "\n".join([f"## {contract.feed}: {contract.title.en}\n", about, "", *columns, "", *rules, ""])


def _column(column: Column) -> str:
    required = "yes" if column.required else ""
    return f"| `{column.name}` | {column.type.value} | {required} | {column.marking.value} | {column.meaning} |"


if __name__ == "__main__":
    for page in write_documentation(Settings.from_environment()):
        print(page)
