"""Reading contracts from a `sources/` folder.

A feed exists when its folder holds a `feed.yml`; there is no list of feeds anywhere.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipelines.contracts.model import Contract, Label

IDENTITY_BLOCK = "identity_block.yml"


class ContractError(Exception):
    """A contract cannot be used; the message names the file and what to mend."""


def load_contract(path: Path) -> Contract:
    """Reads one `feed.yml`.

    Args:
        path: The file. Its folder's name must be the feed's name, and `identity_block.yml` must stand in the
            folder above where the contract asks for it.

    Returns:
        The contract, identity block columns after the feed's own.

    Raises:
        ContractError: The file is not valid; the message says where.
    """
    try:
        document = _parsed(path)
        if document.get("identity_block"):
            block = _parsed(path.parent.parent / IDENTITY_BLOCK)
            own = {column["name"] for column in document["columns"]}
            document["columns"] += [column for column in block["columns"] if column["name"] not in own]
            told = {rule["id"] for rule in document.get("rules", [])}
            rules = [rule for rule in block["rules"] if rule["id"] not in told]
            document["rules"] = rules + document.get("rules", [])
        contract = Contract.model_validate(document)
    except (OSError, KeyError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise ContractError(f"{path}: {error}") from error
    if contract.feed != path.parent.name:
        raise ContractError(f"{path}: says feed {contract.feed!r} but stands in the folder {path.parent.name!r}")
    return contract


def _parsed(path: Path) -> dict[str, Any]:
    """A YAML file by the parser in C where PyYAML has it: thirty contracts take ten times as long without."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 a safe loader
    return document


@lru_cache(maxsize=8)
def load_contracts(sources: Path) -> dict[str, Contract]:
    """One contract per feed folder below `sources`, by feed name, in alphabetical order.

    Raises:
        ContractError: The folder holds no feed, or a contract cannot be used.
    """
    found = sorted(sources.glob("*/feed.yml"))
    if not found:
        raise ContractError(
            f"{sources} holds no feed (FEED/feed.yml): name the right folder by MIC_SOURCES, or unset it."
        )
    return {path.parent.name: load_contract(path) for path in found}


def code_labels(contracts: dict[str, Contract]) -> dict[str, Label]:
    """Titles of feeds and names of kinds of hosts, by `code.<list>.<code>` as in the catalogue of labels."""
    hosts = next(column.codes or {} for column in contracts["stay_notifications"].columns if column.name == "host_type")
    return {f"code.feed.{name}": contract.title for name, contract in contracts.items()} | {
        f"code.host_type.{code}": words for code, words in hosts.items()
    }
