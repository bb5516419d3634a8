"""Backups: whole copies of a home outside of it, and homes made of them.

Keys are never part of a backup. What a load does belongs to `nightly`, deriving a home anew to `rebuilding`.
"""

from pipelines.backup.making import Backup, back_up
from pipelines.backup.manifest import BackupError
from pipelines.backup.mending import mend
from pipelines.backup.restoring import restore

__all__ = ["Backup", "BackupError", "back_up", "mend", "restore"]
