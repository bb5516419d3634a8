"""The chain of the identity ledger: which file it has, with which hash, in the order in which they were written.

Each file that says who got which person id is a line of a hash chain (`pipelines.audit.chain`) beside them, written
before the file gets its name. A file that is edited, taken out or put in contradicts its line; a line that is changed,
moved or taken out breaks the chain after it; where the end is cut, a committed load has no line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.audit import chain
from pipelines.storage.files import settle
from pipelines.storage.home import Home
from pipelines.storage.kept import sha256


def folder(home: Home) -> Path:
    """Where the identity ledger lies."""
    return home.build / "identity"


def ledger_path(home: Home, load_seq: int) -> Path:
    """File of the identity ledger that says which observation got which person in a load."""
    return folder(home) / f"load-{load_seq:06d}.parquet"


def ledger_files(home: Home) -> list[Path]:
    """The files of the identity ledger, by load."""
    return sorted(folder(home).glob("load-*.parquet"))


def chain_path(home: Home) -> Path:
    """The chain."""
    return folder(home) / "chain.jsonl"


def keep(home: Home, written: Path, final: Path, point: str) -> None:
    """Gives a finished file of the ledger its name, its line first; one that is written again alike has its line.

    A ledger from before there was a chain is taken into it as it stands.

    Args:
        home: Whose ledger it is.
        written: The finished file.
        final: Its name.
        point: Name of the passage for planted faults.
    """
    written.chmod(0o600)
    folder(home).mkdir(parents=True, exist_ok=True, mode=0o700)
    if not chain_path(home).exists():
        for path in ledger_files(home):
            if path != final:
                chain.append(chain_path(home), {"what": "found", "file": path.name, "sha256": sha256(path)})
    digest = sha256(written)
    if _said(home).get(final.name) != digest:
        chain.append(chain_path(home), {"what": point, "file": final.name, "sha256": digest})
    settle(written, final, point)


def problems(home: Home, loads: Iterable[int]) -> list[str]:
    """What contradicts the chain, in names of files and numbers of lines.

    Args:
        home: Whose ledger it is.
        loads: The committed loads; each has its file.
    """
    said, there = _said(home), {path.name: path for path in ledger_files(home)}
    wanted = {ledger_path(home, load_seq).name for load_seq in loads}
    found = [f"the chain of the identity ledger: {problem}" for problem in chain.check(chain_path(home)).problems]
    found += [f"{name} is missing" for name in sorted(wanted - there.keys())]
    found += [f"{name} is in no line of the chain" for name in sorted((wanted | there.keys()) - said.keys())]
    return found + [
        f"{name} is altered: its hash is not the one in the chain"
        for name, path in there.items()
        if name in said and sha256(path) != said[name]
    ]


def _said(home: Home) -> dict[str, str]:
    """The hash of each file by its last line."""
    return {entry["file"]: entry["sha256"] for _, entry in chain.entries(chain_path(home)) if "file" in entry}
