"""The lock on a download folder: one process at a time writes into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from signs_edge.edge.errors import DataError

LOCK_NAME = ".fetch.lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from fetching into the folder.

    A lock, and not a part file for each process, because only a part with a fixed name can be resumed. The system
    releases the lock however the process ends. The empty lock file stays, as filelock leaves it.

    Args:
        folder: an existing folder.

    Raises:
        DataError: another process holds the lock.
    """
    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise DataError(f"Another process is fetching into {folder}. Wait for it, then try again.") from None
    try:
        yield
    finally:
        lock.release()
