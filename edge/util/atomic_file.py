"""A file that is written whole or not at all, and never over a journal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import ModelError, UsageError

_DATABASE = b"SQLite format 3\0"
_OF_THE_SYSTEM = ("/dev/", "/proc/")  # names that stand for something that is open already


@contextmanager
def atomic_write(path: Path, option: str = "") -> Iterator[Path]:
    """Another name to write to, which becomes `path` when the block is left well; else it is removed.

    Args:
        path: may be there already, and is replaced; of a link, what it leads to. A device such as /dev/null is written
            to as it is.
        option: that named the path, for messages.

    Raises:
        UsageError: no file can be there, or what is there is a database, such as the journal itself.
    """
    name = f"{option} {path}".strip()
    target = Path(os.path.realpath(path))
    temporary = (
        target.with_name(f".{target.name[:40]}.tmp") if target.name else target
    )  # a long name has no room for more
    try:
        if path.is_dir():
            raise UsageError(f"{name} cannot be written (it is a folder): give a file")
        if path.is_file():
            with path.open("rb") as file:
                if file.read(len(_DATABASE)) == _DATABASE:
                    raise UsageError(
                        f"{name} is a database, perhaps the journal: give another path; it was not changed"
                    )
        if str(path).startswith(_OF_THE_SYSTEM) or (path.exists() and not path.is_file()):
            yield path
            return
        try:
            yield temporary
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{name} cannot be written ({error.strerror or error}): give another path") from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, with its suffix, that becomes `path` if the block succeeds."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written ({error.strerror or error}): make room or give another folder"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file as a whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n")
