"""The archive behind a model: other tools read it, and no byte of it is free."""

from __future__ import annotations

import io
import zipfile

import pytest

from signs_edge.edge.bundle.archive import MOST_MEMBERS, read_archive, write_archive

MEMBERS = [("a.txt", b"one\n"), ("empty", b""), ("b.bin", bytes(range(256)))]
FRONT = b"some model"


def test_what_is_written_is_read() -> None:
    content = FRONT + write_archive(MEMBERS, len(FRONT))

    assert read_archive(content) == (len(FRONT), MEMBERS)


def test_other_tools_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(FRONT + write_archive(MEMBERS, len(FRONT)))) as archive:
        assert archive.testzip() is None
        assert [(name, archive.read(name)) for name in archive.namelist()] == MEMBERS
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_changed_byte_is_seen() -> None:
    content = FRONT + write_archive(MEMBERS, len(FRONT))
    for place in range(len(FRONT), len(content)):
        for value in (content[place] ^ 1, content[place] ^ 0x80, 0xFF - content[place]):
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            try:
                found = read_archive(changed)
            except ValueError:
                continue
            assert found == (len(FRONT), MEMBERS), "read as it was, though it is not"
            pytest.fail(f"byte {place} does not matter")


def test_every_cut_is_seen() -> None:
    content = FRONT + write_archive(MEMBERS, len(FRONT))
    for length in range(len(content)):
        with pytest.raises(ValueError, match="archive"):
            read_archive(content[:length])
        with pytest.raises(ValueError, match="archive"):
            read_archive(content[length + 1 :])


def test_many_entries_for_the_same_bytes_are_refused() -> None:
    """What makes a small file unpack to a large one."""
    content = bytearray(FRONT + write_archive([("a", bytes(1000)), ("b", b"")], len(FRONT)))
    central = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    content[central + 42 : central + 46] = len(FRONT).to_bytes(4, "little")  # b lies where a does

    with pytest.raises(ValueError, match="damaged"):
        read_archive(bytes(content))


@pytest.mark.parametrize("n", [0, MOST_MEMBERS + 1])
def test_none_and_too_many_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"an archive of {n} members"):
        read_archive(write_archive([(str(i), b"") for i in range(n)], 0))
