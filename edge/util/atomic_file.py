"""Write a file whole or not at all, and never over a database.

The new content goes to a temporary name in the same folder, which then replaces the old file in one step of the file
system. Packages for this (atomicwrites is unmaintained; safer and python-atomicwrites forks give an open file, not a
name) do not fit: Keras, OpenCV and pyarrow want a path with the right suffix.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import SignsEdgeError, UsageError

_DATABASE = b"SQLite format 3\0"
_OF_THE_SYSTEM = ("/dev/", "/proc/")  # names that stand for something that is already open


@contextmanager
def atomic_write(path: Path, option: str = "", *, error: type[SignsEdgeError] = UsageError) -> Iterator[Path]:
    """Give a temporary path to write to, which replaces `path` when the block ends without an exception.

    After an exception the temporary file is removed and `path` is as it was. Two processes that write the same path
    use different temporary names: the file is then the one's or the other's, never a mixture.

    Args:
        path: may exist, and is replaced; if it is a link, the file it points to is. A device such as /dev/null is
            written to directly.
        option: the command-line option that named the path, for messages.
        error: the class of what is raised.

    Raises:
        SignsEdgeError: of class `error`: no file can be written there, or `path` is a database, such as the journal.
    """
    name = f"{option} {path}".strip()
    try:
        if path.is_dir():
            raise error(f"{name} cannot be written (it is a folder): give a file")
        if _is_database(path):
            raise error(f"{name} is a database, perhaps the journal: give another path; it was not changed")
        if str(path).startswith(_OF_THE_SYSTEM) or (path.exists() and not path.is_file()):
            yield path
            return
        target = Path(os.path.realpath(path))
        temporary = _temporary(target)
        try:
            yield temporary
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as reason:
        raise error(
            f"{name} cannot be written ({reason.strerror or reason}): free space, or give another path"
        ) from reason


def write_json(path: Path, value: Any, *, error: type[SignsEdgeError] = UsageError) -> None:
    """Write a JSON file whole or not at all; see `atomic_write`."""
    with atomic_write(path, error=error) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_DATABASE)) == _DATABASE


def _temporary(target: Path) -> Path:
    """A hidden name in the target's folder, with its suffix, that no other process uses; at most 80 characters long."""
    if not target.name:
        return target
    return target.with_name(f".{target.stem[:40]}.{secrets.token_hex(6)}.tmp{target.suffix[:20]}")
