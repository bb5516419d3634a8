"""How dbt's own connection becomes one of the centre's: the same settings, the same build database.

dbt-duckdb makes the connection in memory and calls this plugin; the attachment that the profile names is then there
already.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.settings import Settings
from pipelines.storage.database import OPENING, ZONE, attach_file, configure, quoted
from pipelines.storage.home import Home
from pipelines.storage.keys import read_key


class Plugin(BasePlugin):
    """Configures the connection and every cursor made of it."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Asks for what `configure` needs."""
        config.update(OPENING)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Loads the packaged extension, sets limits and attaches the build database."""
        settings = Settings.from_environment()
        configure(conn, settings)
        attach_file(conn, Home(settings.home).database, "build", read_key(settings, "registry"))

    def configure_cursor(self, cursor: Any) -> None:
        """Sets the time zone again: a cursor does not inherit it."""
        cursor.execute(f"SET TimeZone = {quoted(ZONE)}")
