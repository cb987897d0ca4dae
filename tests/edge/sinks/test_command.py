"""A command at each change of the count: which ones run, with what, and that nothing waits for them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from waiting import wait_for_end, wait_until

from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.command import CountCommand
from signs_edge.edge.util.shell import run_command

IMAGE = np.zeros((4, 4, 3), np.uint8)
WRITE = 'echo "$SIGNS_EDGE_PREVIOUS>$SIGNS_EDGE_COUNT" >> '


def seen(count: int | None) -> FrameResult:
    return FrameResult(Frame(0, IMAGE, "cam"), Prediction(1, "1", 0.9), count, 1.0)


def unseen() -> FrameResult:
    return FrameResult(Frame(0, IMAGE, "cam", state=FrameState.BLACK), None, None, None)


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_each_change_is_told_with_the_count_before(tmp_path: Path) -> None:
    told, said = tmp_path / "told", list[str]()
    sink = CountCommand(f"{WRITE}{told}", said.append)
    for number, result in enumerate([seen(None), seen(3), seen(3), seen(0), unseen(), seen(0), seen(None), seen(5)]):
        sink.frame(result, RunSummary())
        expected = [0, 1, 1, 2, 2, 2, 3, 4][number]
        wait_until(lambda expected=expected: len(lines(told)) == expected)  # type: ignore[misc]
    sink.close()

    assert lines(told) == [">3", "3>0", "0>", ">5"]
    assert said == []


def test_the_newest_change_wins_and_the_loop_does_not_wait(tmp_path: Path) -> None:
    told, go = tmp_path / "told", tmp_path / "go"
    sink = CountCommand(f"{WRITE}{told}; while [ ! -e {go} ]; do sleep 0.02; done", print)
    sink.frame(seen(1), RunSummary())
    wait_until(lambda: lines(told) == [">1"])

    for count in (2, 3, 4, 5) * 250:  # while a command runs that ends only with the next line
        sink.frame(seen(count), RunSummary())
    go.touch()
    sink.close()

    assert lines(told) == [">1", "1>5"]


def test_a_count_that_is_back_when_the_command_ends_needs_none(tmp_path: Path) -> None:
    told, go = tmp_path / "told", tmp_path / "go"
    sink = CountCommand(f"{WRITE}{told}; while [ ! -e {go} ]; do sleep 0.02; done", print)
    sink.frame(seen(1), RunSummary())
    wait_until(lambda: lines(told) == [">1"])
    for count in (2, 1):
        sink.frame(seen(count), RunSummary())
    go.touch()
    sink.close()

    assert lines(told) == [">1"]


@pytest.mark.parametrize("trap", ["", "trap '' TERM; "])
def test_a_command_that_hangs_is_ended_with_its_children_and_the_next_one_runs(tmp_path: Path, trap: str) -> None:
    told, child, said = tmp_path / "told", tmp_path / "child", list[str]()
    hang = f"{trap}sleep 300 & echo $! > {child}; wait; wait; sleep 300"
    sink = CountCommand(f"{WRITE}{told}; [ $SIGNS_EDGE_COUNT = 2 ] || {{ {hang}; }}", said.append, patience=0.5)
    sink.frame(seen(1), RunSummary())
    wait_until(lambda: bool(lines(child)))
    sink.frame(seen(2), RunSummary())
    wait_until(lambda: lines(told) == [">1", "1>2"])
    sink.close()

    assert said == ["--on-count took longer than 0.5 s and was ended; let it start what takes long with &"]
    wait_for_end(int(lines(child)[0]))


def test_closing_waits_for_the_last_command_no_longer_than_its_patience(tmp_path: Path) -> None:
    told = tmp_path / "told"
    sink = CountCommand(f"sleep 0.3; {WRITE}{told}", print)
    sink.frame(seen(1), RunSummary())
    sink.close()
    assert lines(told) == [">1"]

    child = tmp_path / "child"
    hanging = CountCommand(f"echo $$ > {child}; exec sleep 300", lambda _: None, patience=0.3)
    hanging.frame(seen(1), RunSummary())
    wait_until(lambda: bool(lines(child)))
    hanging.close()
    wait_for_end(int(lines(child)[0]))


def test_a_command_that_is_ended_with_the_run_took_not_too_long() -> None:
    assert run_command("sleep 300", {}, until=lambda: 0.0) == ""
    assert run_command("sleep 300", {}, 0.2).startswith("took longer than 0.2 s")


def test_what_goes_wrong_is_said_once(tmp_path: Path) -> None:
    told, said = tmp_path / "told", list[str]()
    sink = CountCommand(f"{WRITE}{told}; exit 3", said.append)
    for count in (1, 2, 3):
        sink.frame(seen(count), RunSummary())
        wait_until(lambda count=count: len(lines(told)) == count)  # type: ignore[misc]
    sink.close()

    assert said == ["--on-count ended with exit code 3; counting goes on"]


def test_an_address_with_a_password_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNS_EDGE_SOURCE", "rtsp://me:secret@cam/1")
    sink = CountCommand(f"env > {tmp_path / 'env'}", print)
    sink.frame(seen(1), RunSummary())
    sink.close()

    text = (tmp_path / "env").read_text()
    assert "SIGNS_EDGE_COUNT=1" in text
    assert "secret" not in text
    assert "secret" in os.environ["SIGNS_EDGE_SOURCE"]


def test_an_empty_command() -> None:
    with pytest.raises(UsageError, match="give a shell command"):
        CountCommand(" ", print)
