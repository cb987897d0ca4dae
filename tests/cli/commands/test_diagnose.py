"""What the diagnose command refuses, in one line and with exit code 1; whole runs are in tests/export."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from signs_edge.cli.main import main
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


def refusal(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    monkeypatch.setattr(sys, "argv", ["signs-edge", "diagnose", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    out, err = capfd.readouterr()
    assert (caught.value.code, out) == (1, "")
    assert err.count("\n") == 1, err
    return err


def test_what_is_no_run(monkeypatch, capfd, tmp_path: Path) -> None:
    assert "is not a run folder" in refusal(monkeypatch, capfd, tmp_path)


def test_a_run_without_an_export(monkeypatch, capfd, tmp_path: Path) -> None:
    RunFolder(tmp_path).start(TrainConfig("synthetic"), ("0", "1"))
    said = refusal(monkeypatch, capfd, tmp_path)
    assert "float32.tflite cannot be read" in said
    assert "signs-edge export" in said


def test_options_that_are_no_numbers(monkeypatch, capfd, tmp_path: Path) -> None:
    assert "--limit" in refusal(monkeypatch, capfd, tmp_path, "--limit", "few")
    assert "limit -1 is not allowed" in refusal(monkeypatch, capfd, tmp_path, "--limit", "-1")
