"""One writer a journal."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import IO

from signs_edge.edge.errors import DataError, UsageError


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

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        raise DataError(f"journal {path} is written by another run: end it, or give another path") from None
    return file
