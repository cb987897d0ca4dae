"""`signs-edge drift`: reports and exports of journals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from signs_edge.cli import drift
from signs_edge.cli import run as command
from signs_edge.edge.errors import DataError, UsageError


@pytest.fixture
def journal(tiny_models: Any, tmp_path: Path) -> Path:
    """Of a run over 30 drawn frames, the float twin beside on each third."""
    path = tmp_path / "journal.db"
    command.run(
        source="synthetic", model=tiny_models.int8, float_model=tiny_models.float32, headless=True, max_frames=30,
        float_every=3, journal=path, roi="center",
    )  # fmt: skip
    return path


def test_a_report_of_two_devices(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    out = journal.with_name("out.json")

    drift.report([journal, journal], json=out)

    text = capsys.readouterr().out
    assert text.count(f"{journal}: 30 frames in 0.0 hours, 1 runs") == 2
    assert "verdict  unknown: not enough seen" in text
    assert "UTC  verdict: unknown" in text
    first, second = json.loads(out.read_text())
    assert first == second
    assert first["frames"] == 30
    assert sum(row["looks"] for row in first["classes"].values()) == 10
    assert sum(first["minutes"][0]["counts"].values()) == 30


def test_minutes_as_csv(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    drift.export([journal], csv=True)

    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["frames"], row["looks"]) == ("30", "10")
    assert sum(json.loads(row["counts"]).values()) == 30


def test_mistakes_are_one_line(tmp_path: Path, journal: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        drift.report([tmp_path / "none.db"])
    with pytest.raises(UsageError, match="give --csv"):
        drift.export([journal])
    with pytest.raises(UsageError, match="cannot be written"):
        drift.report([journal], json=tmp_path / "no" / "out.json")
