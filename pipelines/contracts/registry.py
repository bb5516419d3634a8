"""Reading contracts from a `sources/` folder.

A feed exists when its folder holds a `feed.yml`; there is no list of feeds anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipelines.contracts.model import Contract, Label

IDENTITY_BLOCK = "identity_block.yml"
WHAT_TO_DO = "Mend the file, or undo its last change."


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
    document = _parsed(path)
    try:
        if document.get("identity_block"):
            block = _parsed(path.parent.parent / IDENTITY_BLOCK)
            own = {column["name"] for column in document["columns"]}
            document["columns"] += [column for column in block["columns"] if column["name"] not in own]
            told = {rule["id"] for rule in document.get("rules", [])}
            rules = [rule for rule in block["rules"] if rule["id"] not in told]
            document["rules"] = rules + document.get("rules", [])
        contract = Contract.model_validate(document)
    except (KeyError, TypeError, ValidationError) as error:
        raise ContractError(f"{path}: {_told(error, document)}. {WHAT_TO_DO}") from error
    if contract.feed != path.parent.name:
        raise ContractError(f"{path}: says feed {contract.feed!r} but stands in the folder {path.parent.name!r}")
    return contract


def _parsed(path: Path) -> dict[str, Any]:
    """A YAML file by the parser in C where PyYAML has it: thirty contracts take ten times as long without."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 a safe loader
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContractError(f"{path}: {_told(error, {})}. {WHAT_TO_DO}") from error
    if not isinstance(document, dict):
        raise ContractError(f"{path}: it holds no members such as `feed:`. {WHAT_TO_DO}")
    return document


def _told(error: Exception, document: Mapping[str, Any]) -> str:
    """What is wrong with a contract, in one line: where, and why."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    if isinstance(error, ValidationError):
        first, *others = error.errors()
        place = ", ".join(_named(first["loc"], document))
        return f"{place}{': ' if place else ''}{first['msg']}{f' (and {len(others)} more)' if others else ''}"
    if isinstance(error, KeyError):
        return f"something in it has no {error.args[0]}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)


def _named(place: tuple[int | str, ...], document: Any) -> Iterator[str]:
    """A place in a contract, with entries of a list by their name or id instead of their number."""
    for part in place:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            document = None
        told = document if isinstance(document, dict) else {}
        yield str(told.get("name") or told.get("id") or part) if isinstance(part, int) else part


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
