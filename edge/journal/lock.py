"""One writer a journal, and whether there is one."""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path
from typing import IO

from signs_edge.edge.errors import DataError, UsageError

_HELD = (errno.EAGAIN, errno.EACCES)
_TRIES, _PAUSE_S = 3, 0.05


def locked(path: Path) -> IO[bytes]:
    """A file beside the journal, locked until it is closed or its process ends, however it does.

    Raises:
        UsageError: no file can be there.
        DataError: another run writes in the journal.
    """
    beside = path.with_name(f"{path.name}-lock")
    try:
        file = beside.open("ab")
    except OSError as error:
        raise UsageError(
            f"journal {path} cannot be written ({error.strerror}): give a file in a folder that exists"
        ) from None
    if sys.platform == "win32":
        return file
    import fcntl

    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            if left and error.errno in _HELD:  # perhaps another process that asks, as below
                time.sleep(_PAUSE_S)
                continue
            file.close()
            if error.errno not in _HELD:
                raise
            raise DataError(f"journal {path} is written by another run: end it, or give another path") from None
    return file


def is_written(path: Path) -> bool | None:
    """Whether a run has the journal open; None where that cannot be told, as of a copy from another machine."""
    beside = path.with_name(f"{path.name}-lock")
    if sys.platform == "win32" or not beside.exists():
        return None
    import fcntl

    try:
        with beside.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return True if error.errno in _HELD else None
    return False
