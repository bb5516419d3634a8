"""Keys of the encrypted files."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sys

from pipelines.settings import KEY_NAMES, Settings
from pipelines.storage.files import write_whole
from pipelines.storage.home import Home


class KeyMissingError(Exception):
    """A file is there and its key is not, or another was given."""


def read_key(settings: Settings, name: str) -> str:
    """The key called `name`, from the environment or from its file in `keys/`.

    Raises:
        KeyMissingError: Neither is there.
    """
    if name in settings.keys:
        return settings.keys[name]
    path = Home(settings.home).keys / f"{name}.key"
    if not path.exists():
        raise KeyMissingError(
            f"no key for {name}: set MIC_{name.upper()}_KEY or put the key back at {path}. "
            "Without it the encrypted files cannot be opened; nothing was changed."
        )
    return path.read_text(encoding="utf-8").strip()


def derived_key(settings: Settings, purpose: str) -> str:
    """A key for one purpose, the same whenever it is asked for, and written nowhere.

    It tells nothing of the registry key, from which it comes.
    """
    return hmac.new(read_key(settings, "registry").encode(), purpose.encode(), hashlib.sha256).hexdigest()


def make_missing_keys(settings: Settings) -> list[str]:
    """Makes keys for a new home and returns the names of those made.

    A home that already has a database is never given a new key: its files could not be opened with it.
    """
    home = Home(settings.home)
    if home.database.exists():
        return []
    made = []
    for name in KEY_NAMES:
        path = home.keys / f"{name}.key"
        if name not in settings.keys and not path.exists():
            write_whole(path, secrets.token_hex(32).encode(), "keys")
            made.append(name)
    if made:
        print(
            f"warning: no keys were given, so new ones stand in {home.keys} ({', '.join(made)}); "
            "move copies to a safe place, without them the data cannot be read.",
            file=sys.stderr,
        )
    return made
