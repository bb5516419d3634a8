"""How dbt's own connection becomes one of the centre's: the same settings, nothing downloaded.

dbt-duckdb makes the connection in memory, calls this plugin and then attaches the build database as the profile
says. No SQL is run here beyond settings.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.settings import Settings
from pipelines.storage.database import ZONE, configure, quoted


class Plugin(BasePlugin):
    """Configures the connection before the build database is attached, and every cursor made of it."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Loads the packaged extension and sets limits, before any attachment."""
        configure(conn, Settings.from_environment())

    def configure_cursor(self, cursor: Any) -> None:
        """Sets the time zone again: a cursor does not inherit it."""
        cursor.execute(f"SET TimeZone = {quoted(ZONE)}")
