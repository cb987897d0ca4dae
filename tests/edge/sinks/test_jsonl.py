"""Lines for programs: one a frame, and for what goes on and on just its beginning."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.camera_summary import CameraSummary
from signs_edge.edge.run.result import LABELLED, FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.jsonl import JsonLines

IMAGE = np.zeros((4, 4, 3), np.uint8)


def result(state: FrameState = FrameState.OK, event: str | None = None) -> FrameResult:
    prediction = Prediction(1, "1", 0.9) if state is FrameState.OK else None
    return FrameResult(
        Frame(0, IMAGE, "cam", captured=1.0, state=state, event=event), prediction, None, None, None, 5.0
    )


def test_a_line_for_each_frame_and_for_each_event_once(tmp_path: Path) -> None:
    log = JsonLines(str(tmp_path / "out.jsonl"), lambda: None)
    black = FrameState.BLACK
    for shown in (result(), result(black, "black"), result(black), result(black), result(event="back"), result()):
        log.frame(shown, RunSummary())
    log.close()

    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line.get("event") for line in lines] == [None, "black", "back", None]


def test_the_line_of_a_label_has_no_count_to_act_on(tmp_path: Path) -> None:
    log = JsonLines(str(tmp_path / "out.jsonl"), lambda: None)
    log.frame(dataclasses.replace(result(event=LABELLED), count=3, raw_count=3), RunSummary())
    log.close()

    line = json.loads((tmp_path / "out.jsonl").read_text())
    assert line["event"] == "labelled"
    assert not {"count", "raw_count"} & set(line)


def test_the_file_of_the_last_run_stays_until_there_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("of the last run")
    log = JsonLines(str(tmp_path / "out.jsonl"), lambda: None)
    log.frame(result(FrameState.LOST), RunSummary())
    log.close()

    assert (tmp_path / "out.jsonl").read_text() == "of the last run"


def test_what_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written .*: give another path, or -"):
        JsonLines(str(tmp_path / "no" / "out.jsonl"), lambda: None).frame(result(), RunSummary())


def test_the_watch_in_numbers_and_words() -> None:
    watch = CameraSummary()
    assert watch.to_json() == {"age_ms": {"p50": None, "p99": None}, "dropped": 0, "unseen": {}, "events": {}}
    assert watch.lines() == []
    for age in range(1, 102):
        watch.add(Frame(0, IMAGE, "cam", captured=1.0, dropped=1), float(age))
    for event in ("black", None, None):
        watch.add(Frame(0, IMAGE, "cam", captured=1.0, state=FrameState.BLACK, event=event), None)
    for event in ("lost", None):
        watch.add(Frame(0, None, "cam", state=FrameState.LOST, event=event), None)

    assert watch.to_json() == {
        "age_ms": {"p50": 51.0, "p99": 100.0}, "dropped": 101, "unseen": {"black": 3},
        "events": {"black": 1, "lost": 1},
    }  # fmt: skip
    assert watch.lines() == [
        "age      p50 51.0 ms, p99 100.0 ms of a frame at its answer",
        "101 frames dropped for newer ones",
        "3 black frames not looked at",
        "the camera was lost 1 time",
    ]


def test_the_memory_of_ages_does_not_grow() -> None:
    watch = CameraSummary()
    for _ in range(10_010):
        watch.add(Frame(0, IMAGE, "cam", captured=1.0), 1.0)

    assert len(watch.ages_ms) == 10_000
