"""The lock on a folder: one process at a time fetches into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from signs_edge.edge.errors import DataError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from fetching into the folder.

    A lock and not a part name of each process's own, because only a part with a fixed name can be resumed. The system
    lets go of the lock whichever way the process ends, so none is ever left behind.

    Raises:
        DataError: another process has it.
    """
    path = folder / ".fetch.lock"
    with path.open("ab") as file:
        try:
            _lock(file.fileno())
            # Its holder may have removed the file after we opened it; a third process would lock a new one.
            taken = os.fstat(file.fileno()).st_nlink == 0
        except BlockingIOError:
            taken = True
        if taken:
            raise DataError(f"Another process is fetching into {folder}. Wait for it, then try again.")
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no open file; an empty one does no harm there
                path.unlink()


def _lock(descriptor: int) -> None:
    """Lock an open file, or raise BlockingIOError at once."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
