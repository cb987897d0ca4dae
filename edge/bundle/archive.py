"""A ZIP archive behind a flatbuffer, of which every byte follows from its members: stored, fixed times, no slack.

Python's own writer leaves platform and version in the headers, and its reader skips what it does not need; here
the reader writes the archive again and compares, so that no byte can change unseen.
Source of the format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import TypeAlias

Members: TypeAlias = Sequence[tuple[str, bytes]]
"""Names and contents, in their order in the file."""

MOST_MEMBERS = 32
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION = 10  # 1.0: stored members need no more
_MADE_BY = 3 << 8 | 20  # Unix, so that unzip gives the files the rights below
_RIGHTS = 0o100644 << 16
_DATE = 1 << 5 | 1  # 1 January 1980, midnight


def write_archive(members: Members, offset: int) -> bytes:
    """The archive's bytes, for a place `offset` bytes after the start of the file."""
    local, central = bytearray(), bytearray()
    for name, data in members:
        encoded, crc = name.encode("ascii"), zlib.crc32(data)
        common = (0, 0, 0, _DATE, crc, len(data), len(data), len(encoded), 0)
        place = offset + len(local)
        local += _LOCAL.pack(b"PK\x03\x04", _VERSION, *common) + encoded + data
        central += _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, _VERSION, *common, 0, 0, 0, _RIGHTS, place) + encoded
    n = len(members)
    return bytes(local + central) + _END.pack(b"PK\x05\x06", 0, 0, n, n, len(central), offset + len(local), 0)


def read_archive(content: bytes) -> tuple[int, list[tuple[str, bytes]]]:
    """Where the archive at the end of a file starts, and its members.

    Raises:
        ValueError: there is none that `write_archive` wrote, byte for byte, to the very end of the file.
    """
    if len(content) < _END.size:
        raise ValueError("no archive at its end")
    mark, _, _, n, _, _, central, _ = _END.unpack_from(content, len(content) - _END.size)
    if mark != b"PK\x05\x06":
        raise ValueError("no archive at its end")
    if not 1 <= n <= MOST_MEMBERS:
        raise ValueError(f"an archive of {n} members")
    members: list[tuple[str, bytes]] = []
    start = place = 0
    try:
        for number in range(n):
            fields = _CENTRAL.unpack_from(content, central)
            size, length, local = fields[9], fields[10], fields[16]
            if number == 0:
                start = place = local
            # One behind the other: an archive cannot hold more than the file is long.
            if local != place or place + _LOCAL.size + length + size > len(content):
                raise ValueError("its archive is damaged")
            name = content[central + _CENTRAL.size : central + _CENTRAL.size + length].decode("ascii")
            data = place + _LOCAL.size + length
            members.append((name, content[data : data + size]))
            place, central = data + size, central + _CENTRAL.size + length
        rebuilt = write_archive(members, start)
    except (struct.error, UnicodeDecodeError):
        raise ValueError("its archive is damaged") from None
    if content[start:] != rebuilt:
        raise ValueError("its archive is damaged")
    return start, members
