"""`signs-edge data draw`: arguments and printing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from signs_edge.cli.commands.data import app
from signs_edge.edge.errors import UsageError
from signs_edge.train.draw import folder
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.folder import DrawnFolder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[DrawConfig]:
    """What was asked to be drawn; nothing is."""
    configs: list[DrawConfig] = []

    def draw(config: DrawConfig, out: Path, *, jobs: int | None, progress: folder.Progress) -> DrawnFolder:
        configs.append(config)
        for have in range(config.count + 1):
            progress(have, config.count)
        return DrawnFolder(out, {"5": config.count})

    monkeypatch.setattr(folder, "draw_folder", draw)
    monkeypatch.setattr("signs_edge.train.draw.parts.fetch_meshes", lambda *_: None)
    return configs


def test_says_how_far_it_is_and_what_came_out(asked: list[DrawConfig], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["draw", "--out", str(tmp_path / "x"), "--count", "1000", "--seed", "7"])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'x'}  1,000 pictures (5: 1,000)\n"
    assert "drawn: 500 of 1,000" in result.stderr.splitlines()
    assert len([line for line in result.stderr.splitlines() if line.startswith("drawn")]) == 11
    assert asked == [DrawConfig(count=1000, seed=7)]


def test_sizes(asked: list[DrawConfig], tmp_path: Path) -> None:
    out = ["draw", "--out", str(tmp_path / "x")]
    CliRunner().invoke(app, [*out, "--what", "people", "--size", "640x480"])
    CliRunner().invoke(app, [*out, "--size", "96x96", "--hand", "capsules"])
    assert asked == [DrawConfig("people", width=640, height=480), DrawConfig(hand="capsules", side=96)]


@pytest.mark.parametrize("size", ["96", "x", "96x97", "-1x-1"])
def test_a_size_that_is_none_is_refused(asked: list[DrawConfig], tmp_path: Path, size: str) -> None:
    result = CliRunner().invoke(app, ["draw", "--out", str(tmp_path / "x"), "--size", size])
    assert isinstance(result.exception, UsageError)
    assert "WIDTHxHEIGHT" in str(result.exception) or "square" in str(result.exception)
    assert not asked


def test_ctrl_c_says_that_it_can_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> DrawnFolder:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "draw_folder", stop)
    result = CliRunner().invoke(app, ["draw", "--out", str(tmp_path / "x"), "--hand", "capsules"])
    assert "the same command goes on" in result.stderr
    assert result.exit_code == 130
