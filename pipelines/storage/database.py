"""Connections to DuckDB, the only ones in the project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.keys import KeyMissingError, read_key

ZONE = "Asia/Almaty"
WRONG_KEY = "Wrong encryption key"
# What the engine says of a block that is not what was written; of an encrypted one it asks for the right key.
DAMAGE = ("AES tag", "Corrupt", "corrupt", "checksum")
# An optimizer of the engine that loses rows that are alike where their rank is not selected, and has crashed.
UNSOUND = "top_n_window_elimination"
OPENING: dict[str, str | bool | int | float | list[str]] = {"allow_unsigned_extensions": True}


class DamagedDatabaseError(duckdb.Error):
    """A block of the build database, or its log, is not what was written."""

    def __init__(self) -> None:
        super().__init__(
            "the build database is damaged: a block or its log cannot be read. What is published has not changed: "
            "check the disk, then run `mic rebuild --replace`, which makes it anew from bronze and ledger."
        )


def tells_of_damage(message: str) -> bool:
    """Whether the engine says that a block is not what was written."""
    return any(word in message for word in DAMAGE)


def httpfs_path() -> Path:
    """The packaged extension that carries OpenSSL, without which DuckDB writes no encrypted file."""
    folder = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / "httpfs.duckdb_extension"


def quoted(text: str | Path) -> str:
    """A text as an SQL literal, for the statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def configure(connection: duckdb.DuckDBPyConnection, settings: Settings | None = None) -> None:
    """Settings that every connection of the centre shares; nothing is ever downloaded.

    With `settings` the connection must have been made with `OPENING`: the engine hashes an extension's whole file
    whenever it checks the signature, so that is done once in a process. The permission ends here for good.
    """
    connection.execute(f"SET TimeZone = '{ZONE}'")
    connection.execute("SET enable_progress_bar = false")  # progress is told by steps, not by statements
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    _disable_optimizers(connection)
    if settings is None:
        return
    verify_extension()
    connection.execute(f"LOAD {quoted(httpfs_path())}")
    connection.execute("SET allow_unsigned_extensions = false")
    connection.execute("SET temp_file_encryption = true")
    connection.execute(f"SET temp_directory = {quoted(Home(settings.home).temporary)}")
    connection.execute(f"SET memory_limit = {quoted(settings.memory_limit)}")
    connection.execute(f"SET threads = {settings.threads}")
    connection.execute("SET preserve_insertion_order = true")


@contextmanager
def without_optimizers(connection: duckdb.DuckDBPyConnection, *names: str) -> Iterator[None]:
    """Statements of the block are planned without some of the engine's optimizers."""
    _disable_optimizers(connection, *names)
    try:
        yield
    finally:
        _disable_optimizers(connection)


def _disable_optimizers(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    connection.execute(f"SET disabled_optimizers = {quoted(','.join((UNSOUND, *names)))}")


@cache
def verify_extension() -> None:
    """Lets the engine check the signature of the packaged extension; it refuses one that was changed."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"LOAD {quoted(httpfs_path())}")
    connection.close()


@contextmanager
def open_memory(settings: Settings | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that lives as long as the block."""
    connection = duckdb.connect(":memory:", config=OPENING if settings else {})
    try:
        configure(connection, settings)
        yield connection
    finally:
        connection.close()


@contextmanager
def open_build(settings: Settings, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database under the name `build`, in use.

    One process at a time may write it, and none may read it meanwhile; hold the run lock.

    Args:
        settings: Where it lies and which key opens it.
        read_only: Refuse writes.

    Raises:
        DamagedDatabaseError: The block met something that cannot be read.
    """
    home = Home(settings.home)
    try:
        with open_memory(settings) as connection:
            attach_file(connection, home.database, "build", read_key(settings, "registry"), read_only=read_only)
            connection.execute("USE build")
            yield connection
    except duckdb.Error as error:
        if isinstance(error, DamagedDatabaseError) or not tells_of_damage(str(error)):
            raise
        raise DamagedDatabaseError from None


@contextmanager
def on_threads(connection: duckdb.DuckDBPyConnection, count: int) -> Iterator[None]:
    """Runs the block on so many threads.

    For few rows, one is best: laying a statement out costs more than running it, and the engine does so once for every
    thread; and what threads gather apart has to be put together.
    """
    threads = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    if threads == count:
        yield
        return
    connection.execute(f"SET threads = {count}")
    try:
        yield
    finally:
        with connection.cursor() as beside:  # a transaction that failed refuses even this
            beside.execute(f"SET threads = {threads}")


def attach_file(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, key: str | None, *, read_only: bool = False
) -> None:
    """Attaches a database file under `name`, encrypted where a key is given.

    Raises:
        KeyMissingError: The key is not the file's.
    """
    options = [f"ENCRYPTION_KEY {quoted(key)}"] if key else []
    options += ["READ_ONLY"] if read_only else []
    suffix = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(f"ATTACH {quoted(path)} AS {name}{suffix}")
    except duckdb.InvalidInputException as error:
        if WRONG_KEY not in str(error):
            raise
        raise KeyMissingError(
            f"the key that was given does not open {path}: put back the right one (MIC_REGISTRY_KEY, MIC_ASYLUM_KEY, "
            "MIC_ANALYSIS_KEY, or the files in keys/). Nothing was changed. Where it is the right one, the file is "
            "damaged: `mic rebuild --replace` makes the build database anew, the next night the published ones."
        ) from None


def published_file(settings: Settings, name: str) -> tuple[Path, str | None]:
    """Path and key of a published file by its name, for those who attach it themselves."""
    key = {"restricted": "registry", "asylum": "asylum", "analysis": "analysis"}.get(name)
    return settings.home / f"{name}.duckdb", read_key(settings, key) if key else None
