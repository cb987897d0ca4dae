"""What a process' SQLite does to files, written down through hooks in its own VFS (https://www.sqlite.org/vfs.html)."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Any

LOGS = 0x80000 | 0x800  # SQLITE_OPEN_WAL, _MAIN_JOURNAL: SQLite syncs their folder with the first sync of a new one

Operation = tuple[str, float, str, Any]
"""What was done, when by the clock that only goes on, to which file, and with what."""

_CALL, _INT, _ANY = ctypes.CFUNCTYPE, ctypes.c_int, ctypes.c_void_p
_POINTERS = 18  # of sqlite3_io_methods, version 3, after its iVersion
_WRITE, _TRUNCATE, _SYNC = 2, 3, 4  # their places
_X_OPEN, _X_DELETE = 0, 1  # places of the calls in sqlite3_vfs


class _Methods(ctypes.Structure):
    _fields_ = (("version", _INT), ("calls", _ANY * _POINTERS))


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", _INT), ("file_size", _INT), ("longest", _INT), ("next", _ANY), ("name", _ANY), ("data", _ANY),
        ("calls", _ANY * 2),
    )  # fmt: skip


def listen(done: list[Operation]) -> list[Any]:
    """From now on, add to `done` whatever this process' SQLite does to files; what is returned must be kept.

    Raises:
        OSError, AttributeError: this Python's SQLite is built in and does not show its functions.
    """
    import _sqlite3

    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    names: dict[int, str] = {}
    methods: dict[int, _Methods] = {}
    kept: list[Any] = [methods]

    def note(kind: str, name: str, value: Any = None) -> None:
        done.append((kind, time.monotonic(), name, value))

    def hook(calls: Any, place: int, prototype: Any, make: Any) -> None:
        replaced = prototype(make(prototype(calls[place])))
        calls[place] = ctypes.cast(replaced, _ANY).value
        kept.append(replaced)

    def of_file(kind: str) -> Any:
        def make(original: Any) -> Any:
            def call(file: int, *values: Any) -> int:
                code: int = original(file, *values)
                if code == 0 and file in names:
                    if kind == "write":
                        note(kind, names[file], (values[2], ctypes.string_at(values[0], values[1])))
                    else:
                        note(kind, names[file], values[0])
                return code

            return call

        return make

    def opened(original: Any) -> Any:
        def call(this: int, name: int | None, file: int, flags: int, out: int) -> int:
            path = None if name is None else ctypes.string_at(name).decode()
            new = path is not None and not Path(path).exists()
            code: int = original(this, name, file, flags, out)
            place = ctypes.cast(file, ctypes.POINTER(_ANY))
            if code or path is None or not place[0]:
                return code
            own = place[0]
            if own not in methods:
                copy = methods[own] = _Methods.from_buffer_copy(ctypes.string_at(own, ctypes.sizeof(_Methods)))
                hook(copy.calls, _WRITE, _CALL(_INT, _ANY, _ANY, _INT, ctypes.c_int64), of_file("write"))
                hook(copy.calls, _TRUNCATE, _CALL(_INT, _ANY, ctypes.c_int64), of_file("truncate"))
                hook(copy.calls, _SYNC, _CALL(_INT, _ANY, _INT), of_file("sync"))
            place[0] = ctypes.addressof(methods[own])
            names[file] = path
            if new:
                note("create", path, bool(flags & LOGS))
            return code

        return call

    def deleted(original: Any) -> Any:
        def call(this: int, name: int, sync: int) -> int:
            code: int = original(this, name, sync)
            if code == 0:
                note("remove", ctypes.string_at(name).decode())
                if sync:
                    note("folder", ctypes.string_at(name).decode())
            return code

        return call

    hook(vfs.calls, _X_OPEN, _CALL(_INT, _ANY, _ANY, _ANY, _INT, _ANY), opened)
    hook(vfs.calls, _X_DELETE, _CALL(_INT, _ANY, _ANY, _INT), deleted)
    return kept
