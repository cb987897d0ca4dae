"""What a power cut leaves of a journal: cuts at random moments of a real run's writes, made up by `benchmarks/power_cut.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from power_cut import SECTOR, Disk, File, longest_wait, record, try_cuts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="listens to SQLite's files on Linux only")


def recorded(folder: Path, synchronous: str) -> list[tuple]:
    try:
        return record(folder, 1.2, 0.04, synchronous)
    except (OSError, AttributeError) as error:
        if "undefined symbol" in str(error) or "cannot open shared object" in str(error) or "__file__" in str(error):
            pytest.skip(f"this Python's SQLite cannot be listened to: {error}")
        raise


def test_a_power_cut_loses_no_commit_and_never_the_file_and_the_next_run_goes_on(tmp_path: Path) -> None:
    done = recorded(tmp_path, "FULL")
    kinds = [kind for kind, *_ in done]

    assert kinds.count("committed") > 5
    assert kinds.count("rename") == 1
    assert {"truncate", "remove", "sync", "folder"} < set(kinds)
    assert try_cuts(done, 300) == []
    assert longest_wait(done) <= 1.5  # half a second for a commit on a busy test machine, beyond the second


def test_the_cuts_find_what_weaker_settings_lose(tmp_path: Path) -> None:
    """NORMAL keeps the file and loses commits; else this test would show nothing of FULL."""
    wrong = try_cuts(recorded(tmp_path, "NORMAL"), 60)

    assert len(wrong) > 10
    assert all("lost what was committed" in one for one in wrong)


def test_a_disk_keeps_what_was_synced_and_any_part_of_the_rest() -> None:
    import numpy as np

    file = File()
    file.asked += [("write", (0, b"a" * SECTOR)), ("truncate", SECTOR // 2)]
    file.sync()
    assert bytes(file.safe) == b"a" * (SECTOR // 2)
    file.asked += [("write", (SECTOR, b"b" * 2 * SECTOR))]
    left = {file.left(np.random.default_rng(seed), 0.5) for seed in range(60)}
    whole = b"a" * (SECTOR // 2) + bytes(SECTOR // 2) + b"b" * 2 * SECTOR

    assert {whole[: SECTOR // 2], whole, whole[: 2 * SECTOR]} < left
    assert any(one[SECTOR : 2 * SECTOR] == bytes(SECTOR) and one[2 * SECTOR :] == b"b" * SECTOR for one in left)


def test_a_name_is_safe_once_its_folder_is(tmp_path: Path) -> None:
    import numpy as np

    disk = Disk()
    for operation in (("create", 0.0, "new", False), ("write", 0.0, "new", (0, b"x")), ("sync", 0.0, "new", None)):
        disk.do(operation)
    disk.do(("rename", 0.0, "new", "old"))
    found = set()
    for seed in range(30):
        folder = tmp_path / str(seed)
        folder.mkdir()
        disk.leave(folder, np.random.default_rng(seed))
        found.add(tuple((path.name, path.read_bytes()) for path in folder.iterdir()))
    assert found == {(), (("new", b"x"),), (("old", b"x"),)}
    disk.do(("folder", 0.0, "old", None))
    (tmp_path / "after").mkdir()
    disk.leave(tmp_path / "after", np.random.default_rng(0))
    assert [path.name for path in (tmp_path / "after").iterdir()] == ["old"]
