"""`signs-edge data fetch` and `data audit`: arguments and printing."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from signs_edge.cli.commands.data import _shown, app
from signs_edge.edge.errors import DataError
from signs_edge.train.download import fetch as download
from signs_edge.train.download.identity import Identity

FILES = {"train_signs.h5": b"train" * 1000, "test_signs.h5": b"test" * 1000}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a folder with two small files, which pass for the right ones."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    known = {name: (Identity(sha256=hashlib.sha256(data).hexdigest()),) for name, data in FILES.items()}
    monkeypatch.setattr(download, "fetch", functools.partial(download.fetch, identities=known))
    return folder.as_uri()


def test_prints_where_the_files_lie(source: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["fetch", "--url", source, "--to", str(tmp_path / "to")])

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [str(tmp_path / "to" / name) for name in FILES]
    assert "train_signs.h5: 5,000 of 5,000 bytes" in result.stderr.splitlines()
    assert all((tmp_path / "to" / name).read_bytes() == data for name, data in FILES.items())


def test_the_cache_is_where_they_go(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path / "cache"))

    result = CliRunner().invoke(app, ["fetch", "--url", source])

    assert result.stdout.splitlines() == [str(tmp_path / "cache" / name) for name in FILES]


def test_the_public_copy_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(_folder: Path, url: str, **_: object) -> tuple[Path, ...]:
        asked.append(url)
        return ()

    monkeypatch.setattr(download, "fetch", fetch)
    CliRunner().invoke(app, ["fetch", "--to", str(tmp_path)])
    CliRunner().invoke(app, ["fetch", "--to", str(tmp_path), "--url", "http://h/"])

    assert asked == [download.DEFAULT_URL, "http://h/"]


def test_an_error_is_left_to_main(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["fetch", "--url", "ftp://example.org/", "--to", str(tmp_path)])

    assert isinstance(result.exception, DataError)


def test_ctrl_c_says_that_it_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "fetch", fetch)

    result = CliRunner().invoke(app, ["fetch", "--to", str(tmp_path)])

    assert result.exit_code != 0
    assert "the same command resumes it" in result.stderr


def test_bars_on_a_terminal() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, _environ={"TERM": "xterm"})

    with _shown(console) as progress:
        progress("a.h5", 0, None)
        progress("a.h5", 500, 1000)
        progress("b.h5", 7, 7)

    assert "a.h5" in screen.getvalue()
    assert "7/7 bytes" in screen.getvalue()


def test_lines_elsewhere_one_for_a_tenth() -> None:
    screen = io.StringIO()

    with _shown(Console(file=screen)) as progress:
        for have in range(0, 110):
            progress("a.h5", have, 109)
        progress("b.h5", 10, None)
        progress("b.h5", 10, 10)
        progress("c.h5", 0, 0)
        progress("a.h5", 109, 109)

    lines = screen.getvalue().splitlines()
    assert len(lines) == 11 + 2 + 1
    assert lines[10:] == ["a.h5: 109 of 109 bytes", "b.h5: 10 bytes", "b.h5: 10 of 10 bytes", "c.h5: 0 of 0 bytes"]


def test_an_audit_is_printed_and_written(tmp_path: Path) -> None:
    out = tmp_path / "audit"

    result = CliRunner().invoke(app, ["audit", "--data", "synthetic:60", "--out", str(out)])

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "data   synthetic:60 (seed 0)"
    assert "60 pictures: 10 of class 0" in lines[1]
    assert any(line.startswith("leaks  0 test pictures") for line in lines)
    assert lines[-len(list(out.iterdir())) :][:2] == [str(out / "audit.json"), str(out / "audit.html")]
    assert json.loads((out / "audit.json").read_text())["leaked"] == []


def test_an_audit_as_json_writes_nothing_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["audit", "--data", "synthetic:60", "--json"])

    assert json.loads(result.stdout)["balance"]["train"]["0"] == 10
    assert list(tmp_path.iterdir()) == []


def test_an_audit_of_nothing_is_refused() -> None:
    result = CliRunner().invoke(app, ["audit", "--data", "/absent"])

    assert isinstance(result.exception, DataError)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, signs_edge.cli.commands.data; print({'numpy', 'rich', 'urllib.request', 'keras', 'cv2'} & {*sys.modules})"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
