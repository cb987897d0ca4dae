import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.util.atomic_file import atomic_write, write_json


def test_a_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    with atomic_write(path) as file:
        file.write_text("new")
        assert path.read_text() == "old"

    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_after_an_exception_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("old")

    def fail() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_is_refused_by_its_own_name_and_through_a_link(tmp_path: Path) -> None:
    journal, link = tmp_path / "kitchen.db", tmp_path / "linked.csv"
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("CREATE TABLE minutes (at INTEGER)")
        connection.commit()
    before = journal.read_bytes()
    link.symlink_to(journal)

    with pytest.raises(UsageError, match=r"--csv .*kitchen.db is a database"), atomic_write(journal, "--csv"):
        raise AssertionError("not reached")
    with pytest.raises(UsageError, match=r"linked.csv is a database"), atomic_write(link):
        raise AssertionError("not reached")
    assert journal.read_bytes() == before


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path: Path) -> None:
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    path.write_text("old")
    link.symlink_to("out.csv")

    with atomic_write(link) as file:
        file.write_text("new")

    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_device_is_written_to_directly() -> None:
    with atomic_write(Path("/dev/null")) as file:
        assert file == Path("/dev/null")


@pytest.mark.parametrize("name", ["", "/", "a_file/x.csv", "no/x.csv", "x" * 256])
def test_where_no_file_can_be_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a_file").touch()

    with pytest.raises(UsageError, match="cannot be written") as caught, atomic_write(Path(name)) as file:
        file.write_text("text")
    assert "\n" not in str(caught.value)


def test_the_caller_names_the_class_of_the_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be written"):
        write_json(tmp_path / "no" / "x.json", {}, error=ModelError)


@pytest.mark.parametrize("name", ["x" * 255, "x." + "y" * 253])
def test_a_name_as_long_as_can_be(tmp_path: Path, name: str) -> None:
    with atomic_write(tmp_path / name) as file:
        file.write_text("text")

    assert [there.name for there in tmp_path.iterdir()] == [name]


def test_the_temporary_file_has_the_suffix_since_libraries_choose_the_format_by_it(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "model.keras") as file:
        assert file.suffix == ".keras"
        file.touch()


def test_writers_of_the_same_path_do_not_share_a_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"

    with atomic_write(path) as first, atomic_write(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
        assert path.exists() is False

    assert path.read_text() == "first"  # the block that ended last
    assert list(tmp_path.iterdir()) == [path]


def test_another_process_that_dies_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    code = (
        "import os, sys; from pathlib import Path; from signs_edge.edge.util.atomic_file import atomic_write\n"
        "with atomic_write(Path(sys.argv[1])) as file:\n    file.write_text('half'); os._exit(9)"
    )

    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=60).returncode == 9

    assert path.read_text() == "old"
