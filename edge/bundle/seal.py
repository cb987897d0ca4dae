"""The digest over a model file: SHA-256 of the flatbuffer and of every member of the archive behind it, with its name.

The digest is itself the archive's first member, and the archive is one that `signs_edge.edge.bundle.archive` writes again to
compare, so no byte of a sealed file can change without its being refused. That tells damage and mix-ups, not a
forger, who can make a digest too.
"""

from __future__ import annotations

import hashlib

from signs_edge.edge.bundle.archive import Members, read_archive, write_archive

SEAL = "signs_edge.sha256"  # the first member, so that also the stump of a file shows that it was sealed
_DOMAIN = b"signs-edge model file 2"


def seal_bytes(flatbuffer: bytes, members: Members) -> bytes:
    """The flatbuffer with the sealed members behind it; the same input gives the same bytes."""
    sealed = [(SEAL, _digest(flatbuffer, members)), *members]
    return flatbuffer + write_archive(sealed, len(flatbuffer))


def claims_seal(content: bytes) -> bool:
    """Whether a file is a sealed one, or what is left of one."""
    return SEAL.encode() in content


def open_sealed(content: bytes) -> tuple[int, dict[str, bytes]]:
    """The size of the flatbuffer, and the members behind it without the digest.

    Raises:
        ValueError: the digest, or the archive's form, is not that of this content.
    """
    start, members = read_archive(content)
    if members[0][0] != SEAL:
        raise ValueError("its digest is not where it belongs")
    if members[0][1] != _digest(memoryview(content)[:start], members[1:]):
        raise ValueError("its digest is of other content")
    return start, dict(members[1:])


def stored_digest(content: bytes) -> str:
    """The digest that stands in a sealed file, in hexadecimal."""
    return dict(read_archive(content)[1])[SEAL].decode().strip()


def _digest(flatbuffer: bytes | memoryview, members: Members) -> bytes:
    """A line in hexadecimal; each part's name and length come before it, so that no two contents look alike."""
    total = hashlib.sha256(_DOMAIN)
    for name, data in (("", flatbuffer), *members):
        total.update(f"\n{name}\n{len(data)}\n".encode())
        total.update(data)
    return f"{total.hexdigest()}\n".encode()
