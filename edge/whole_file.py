"""A file that is written whole or not at all, and never over a journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signs_edge.edge.errors import UsageError

_DATABASE = b"SQLite format 3\0"


@contextmanager
def whole_file(path: Path, option: str = "") -> Iterator[Path]:
    """Another name to write to, which becomes `path` when the block is left well; else it is removed.

    Args:
        path: may be there already, and is replaced; a device such as /dev/null is written to as it is.
        option: that named the path, for messages.

    Raises:
        UsageError: no file can be there, or what is there is a database, such as the journal itself.
    """
    name = f"{option} {path}".strip()
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
            yield path
            return
        if path.is_file():
            with path.open("rb") as file:
                if file.read(len(_DATABASE)) == _DATABASE:
                    raise UsageError(
                        f"{name} is a database, perhaps the journal: give another path; it was not changed"
                    )
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{name} cannot be written ({error.strerror or error}): give another path") from None
    finally:
        temporary.unlink(missing_ok=True)
