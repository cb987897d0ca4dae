"""`signs-edge run` with a float twin drawn within a budget, and with a journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from signs_edge.cli.commands import run as command
from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.database import read_only
from signs_edge.edge.journal.rows import DriftRow
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.region_switch import RegionSwitch
from signs_edge.edge.session.settings import RunSettings, share_of


def kept(path: Path, query: str) -> list[dict[str, Any]]:
    with closing(read_only(path)) as reader:
        return [dict(row) for row in reader.execute(query)]


def test_two_runs_in_one_journal(tiny_models: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "journal.db"
    for _ in range(2):
        command.run(
            source="synthetic", model=tiny_models.int8, float_model=tiny_models.float32, headless=True, max_frames=40,
            shadow="100%", journal=path, roi="center",
        )  # fmt: skip

    assert "unknown: not enough seen" in capsys.readouterr().out
    runs = kept(path, "SELECT * FROM runs ORDER BY seq")
    assert len(runs) == 2
    assert runs[0]["same"] == runs[1]["same"]
    facts = json.loads(runs[0]["facts"])
    assert set(facts) == {"version", "models", "runtime", "camera", "board", "labels", "drift"}
    assert [len(digest) for digest in facts["models"].values()] == [64, 64]
    assert kept(path, "SELECT sum(frames) AS n FROM minutes") == [{"n": 80}]
    assert kept(path, "SELECT sum(looks) AS n FROM minutes")[0]["n"] > 10
    assert {row["name"] for row in kept(path, "SELECT name FROM states")} == {
        "drift monitor",
        "drift report",
        "shadow sampler",
    }
    (state,) = kept(path, "SELECT value FROM states WHERE name = 'drift monitor'")
    assert json.loads(state["value"])["frames"] == 80  # the second run went on with the first one's statistics


def test_what_is_no_journal_is_refused_before_the_first_frame(tiny_models: Any, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")

    with pytest.raises(DataError, match="is another file"):
        command.run(source="synthetic", model=tiny_models.int8, headless=True, journal=tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize(("text", "share"), [("10%", 0.1), ("0.25", 0.25), ("100%", 1.0)])
def test_a_budget_in_per_cent_or_as_a_share(text: str, share: float) -> None:
    assert share_of(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["0", "10", "-5%", "101%", "much", "nan", "%"])
def test_other_budgets_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not allowed: give a share"):
        share_of(text)


def test_one_way_to_choose_frames_is_enough() -> None:
    with pytest.raises(UsageError, match="give one of them"):
        RunSettings(float_model=Path("packaged"), shadow="10%", float_every=5)


def test_a_region_chosen_while_it_runs_has_statistics_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, packaged = tmp_path / "journal.db", Path("packaged")

    switches: list[RegionSwitch] = []

    class Kept(RegionSwitch):
        def __init__(self, *parts: Any, **more: Any) -> None:
            super().__init__(*parts, **more)
            switches.append(self)

    def apply(_pause: Pause, frames: Iterator[Frame], _stopped: object) -> Iterator[Frame]:
        for frame in frames:
            if frame.index == 30:
                switches[-1].look("center")
            yield frame

    def begin() -> DriftRow:
        command.run(
            source="synthetic", model=packaged, float_model=packaged, headless=True, max_frames=50, float_every=1,
            journal=path,
        )  # fmt: skip
        return JournalContents.read(path).drift[-1]

    with monkeypatch.context() as patched:
        patched.setattr(Pause, "apply", apply)
        patched.setattr("signs_edge.edge.session.session.RegionSwitch", Kept)
        assert begin().frames == 20
    texts = [event.text for event in JournalContents.read(path).events if event.kind in ("region", "drift")]
    assert texts == ["center", "statistics restarted (looking at center now)"]
    assert begin().frames == 30 + 50  # it looks where the first run began
