"""How a failure is told: one plain sentence and what to do, never a traceback, a name or a number of a person.

Messages of the project's own errors are written to be shown. What other libraries say may quote a row, so only the
kind of such an error is shown.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any

import click

DONE, FAILED, WRONG_USE, ATTENTION = 0, 1, 2, 3
UNREAD = 128 + signal.SIGPIPE
OWN_ERRORS = (
    "LockHeldError",
    "KeyMissingError",
    "LedgerBehindError",
    "NotPublishedError",
    "NotPublishedYetError",
    "ModellingError",
    "OtherModelsError",
    "NothingToDoError",
    "CannotRebuildError",
    "DiskSpaceError",
    "HomeInUseError",
    "ContractError",
    "PublicationError",
    "ReleaseRefusedError",
    "AlertNotSentError",
    "BackupError",
    "UnfinishedRestoreError",
    "LayoutError",
    "LookRefusedError",
    "NobodyError",
    "NoMergeError",
    "NothingToDecideError",
    "TooManyDeliveriesError",
    "DamagedDatabaseError",
    "DamagedFileError",
    "PeersMissingError",
    "NoSuchRecordError",
    "HeldError",
    "NothingToRectifyError",
    "LoadOpenError",
    "NoSuchPersonError",
    "UnfinishedErasureError",
    "NoSuchReleaseError",
    "NoSuchLoadError",
    "NoSuchMergeError",
    "NoSuchBackupError",
    "NotAdoptedError",
    "SameNameError",
    "UnreadableModelError",
    "UnreadablePresenceModelError",
    "TooLittleToLearnError",
)
# What the caller named is not there: the command was used wrongly, and nothing has failed.
NOT_THERE = ("NoSuchReleaseError", "NoSuchLoadError", "NoSuchMergeError", "NoSuchBackupError")
SYSTEM = {
    errno.ENOSPC: "the disk is full. What is published has not changed: free some space, then run the command again.",
    errno.EDQUOT: "the disk quota is used up. What is published has not changed: raise it, then run the command again.",
    errno.EROFS: "the file system is read-only. Mount it for writing (after a disk fault: check the disk first).",
    errno.EACCES: "a file or folder may not be read or written. Run as the user who owns MIC_HOME, or mend its rights.",
    errno.EIO: "the disk reports an error. Check it before the next run; what is published has not changed.",
}

DAMAGED = (
    "a database file is damaged: a block of it cannot be read. Check the disk; `mic verify` says which file. `mic "
    "rebuild --replace` makes the build database anew, the next night the published ones."
)
OUT_OF_MEMORY = "Out of Memory Error"
MEMORY = (
    "The memory that the engine may use ran out; what is published has not changed. Stop what else runs on the "
    "machine, or raise MIC_MEMORY_LIMIT (4GB unless it is set), then run the command again."
)


class Failure(click.ClickException):
    """A failure with its sentence; exit code 1."""

    def show(self, file: Any = None) -> None:
        """Prints the sentence."""
        click.echo(f"mic: {self.message}", file=file, err=True)


class Misuse(Failure):
    """A release, a load, a merge or a delivery is named that is not there; exit code 2."""

    exit_code = WRONG_USE


def sentence(error: BaseException) -> str:
    """What to tell the operator about an error."""
    from pipelines.storage.database import tells_of_damage

    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return SYSTEM.get(error.errno or 0, f"the system refused: {error.strerror or type(error).__name__}.") + where
    if type(error).__name__ in OWN_ERRORS:
        return f"{error} {MEMORY}" if OUT_OF_MEMORY in str(error) else str(error)
    if "No space left on device" in str(error):
        return SYSTEM[errno.ENOSPC]
    if isinstance(error, MemoryError) or OUT_OF_MEMORY in str(error):
        return MEMORY
    if tells_of_damage(str(error)):
        return DAMAGED
    return (
        f"an unexpected {type(error).__name__} stopped the command; a load that had begun is not committed, the next "
        "run resumes it. Run `mic --debug …` where it is safe to show values, and send the traceback to the engineers."
    )


class Commands(click.Group):
    """A group whose commands never end in a traceback, unless `--debug` asks for it.

    Where the reader of the output has gone, as `head` does, a command ends as by the signal, silently.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command and tells its failure."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(UNREAD) from None
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            failure = Misuse if type(error).__name__ in NOT_THERE else Failure
            raise failure(sentence(error)) from None
