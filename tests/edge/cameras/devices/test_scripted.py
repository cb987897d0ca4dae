"""Cameras that misbehave in every way we know, through the process and the pipe that real ones go through."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import time

import numpy as np
import pytest
from waiting import wait_for_end, wait_until

from signs_edge.edge.cameras import grabber
from signs_edge.edge.cameras.config import LiveConfig
from signs_edge.edge.cameras.devices.scripted import parse, picture
from signs_edge.edge.cameras.link import CaptureLink
from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.sources.open import open_source

QUICK = LiveConfig(WatchConfig(stalled_after=1.0, frozen_after=0.5))
CALM = LiveConfig(WatchConfig(stalled_after=10.0, frozen_after=0.5))  # what stalls on a busy machine is no stall here


def back(seen) -> bool:
    """The camera was lost, is back, and gives on."""
    return "back" in seen.events and seen.frames[-1].index >= seen.frames[seen_back(seen)].index + 3


def seen_back(seen) -> int:
    return next(number for number, frame in enumerate(seen.frames) if frame.event == "back")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ok*9,stall|ok*999", "gave no frame for 1 s"),
        ("ok*9,disconnect|ok*999", "gives no more frames, the stream ended"),
        ("ok*9,unplug|ok*999", "reading failed"),
        ("ok*9,crash|ok*999", "the process that reads it was ended by signal 9"),
        ("ok*9,freeze*999|ok*999", "its picture is frozen"),
        ("ok*9,garbage*999|ok*999", "gave no frame for 1 s"),
        ("ok*9,truncate*999|ok*999", "gave no frame for 1 s"),
        ("ok*9,disconnect|refuse|refuse|ok*999", "gives no more frames"),
        ("ok*9,disconnect|hang|ok*999", "gives no more frames"),
    ],
)
def test_it_fails_and_is_back(watch, script: str, said: str) -> None:
    seen = watch(f"chaos:{script}", back, QUICK)

    assert [event for event in seen.events if event != "frozen"][:2] == ["lost", "back"]
    lost = [frame for frame in seen.frames if frame.state is FrameState.LOST]
    assert all(frame.image is None for frame in lost)
    indices = [frame.index for frame in seen.pictures]
    assert indices == list(range(len(indices)))
    assert said in seen.notices[0]
    assert "chaos is back after" in seen.notices[1]
    assert len(seen.notices) == sum(event in ("lost", "back") for event in seen.events)


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("ok*9,black*30,ok*999", FrameState.BLACK),
        ("ok*9,white*30,ok*999", FrameState.OVEREXPOSED),
        ("ok*9,freeze*60,ok*999", FrameState.FROZEN),
    ],
)
def test_frames_that_show_nothing_are_marked_until_they_do(watch, script: str, state: FrameState) -> None:
    seen = watch(f"chaos:{script}", back, CALM)

    assert seen.events[0] == state.value
    assert seen.events[-1] == "back"
    first = next(frame for frame in seen.frames if frame.event)
    before = [frame for frame in seen.frames if frame.index < first.index]
    assert {frame.state for frame in before} == {FrameState.OK}
    again = seen.frames[seen_back(seen) :]
    assert {frame.state for frame in again} == {FrameState.OK}


def test_black_ones_are_all_marked_and_nothing_else(watch) -> None:
    seen = watch("chaos:ok*9,black*30,ok*999", back, CALM)

    dark = [frame.image.max() < 20 for frame in seen.pictures]
    assert dark == [frame.state is FrameState.BLACK for frame in seen.pictures]
    assert seen.events == ["black", "back"]


@pytest.mark.parametrize("word", ["size", "grey", "bgra", "deep"])
def test_size_and_colour_may_change_in_mid_stream(word: str) -> None:
    with open_source(f"chaos:rate*200,ok*5,{word}*5,ok*5,disconnect", realtime=False) as frames:
        seen = list(frames)

    other = (60, 80, 3) if word == "size" else (120, 160, 3)
    assert [frame.image.shape for frame in seen] == [(120, 160, 3)] * 5 + [other] * 5 + [(120, 160, 3)] * 5
    assert {frame.image.dtype for frame in seen} == {np.dtype(np.uint8)}
    grey = [bool((frame.image == frame.image[..., :1]).all()) for frame in seen]
    assert grey == [False] * 5 + [word == "grey"] * 5 + [False] * 5


@pytest.mark.parametrize("word", ["garbage", "truncate"])
def test_damaged_frames_are_dropped_and_the_others_come(word: str) -> None:
    with open_source(f"chaos:rate*200,ok*5,{word}*4,ok*5,disconnect", realtime=False) as frames:
        seen = list(frames)

    assert [frame.index for frame in seen] == list(range(10))
    # They count with the next frame, or with the one before where that was still waiting to be taken.
    assert seen[4].dropped + seen[5].dropped == sum(frame.dropped for frame in seen) == 4


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    """The pictures of a script are numbered, so each one that is seen says how many came before it."""
    seen: list[Frame] = []
    with open_source("chaos:rate*500,ok*999999") as frames:
        wait_until(lambda: seen.append(next(frames)) or sum(frame.dropped for frame in seen) >= 20)

    assert [frame.index for frame in seen] == list(range(len(seen)))
    numbers = list(itertools.accumulate(1 + frame.dropped for frame in seen))
    assert all(np.array_equal(frame.image, picture(number)) for frame, number in zip(seen, numbers, strict=True))


def test_no_frame_is_dropped_where_all_are_wanted() -> None:
    with open_source("chaos:rate*500,ok*60,disconnect", realtime=False) as frames:
        seen = list(frames)

    assert [frame.index for frame in seen] == list(range(60))
    assert {frame.dropped for frame in seen} == {0}
    assert len({frame.image.tobytes() for frame in seen}) == 60


def test_it_is_given_up_after_so_long_without_a_picture(watch) -> None:
    live = LiveConfig(QUICK.watch, give_up=1.5)

    with pytest.raises(SourceError, match=r"chaos has given no picture for \d+ s and is given up"):
        watch("chaos:ok*5,disconnect|refuse", lambda _: False, live)


def test_at_the_start_it_is_waited_for_where_that_is_asked(watch) -> None:
    seen = watch("chaos:refuse|refuse|ok*99", lambda seen: len(seen.pictures) >= 3, LiveConfig(give_up=0))

    assert seen.events == ["lost", "back"]
    assert [frame.index for frame in seen.pictures] == [0, 1, 2]


@pytest.mark.parametrize("script", ["refuse", "disconnect", "crash"])
def test_at_the_start_it_is_else_refused_in_a_line(script: str) -> None:
    with open_source(f"chaos:{script}|ok*9") as frames, pytest.raises(SourceError, match=r"^chaos ") as caught:
        next(frames)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("script", ["hang", "stall", "ok*999"])
def test_no_process_is_left_however_it_blocks(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[CaptureLink] = []

    class Noted(CaptureLink):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr(grabber, "CaptureLink", Noted)
    polled = itertools.count()

    def stopped() -> bool:
        if next(polled) > 20:
            return True
        os.kill(started[0].pid, 0)  # it is there
        return False

    with open_source(f"chaos:{script}", stopped=stopped) as frames:
        list(frames)
    wait_for_end(started[0].pid)
    assert len(started) == 1


def test_a_clock_that_is_set_back_changes_nothing(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = itertools.count(1)
    monkeypatch.setattr(time, "time", lambda: 1e9 - 3600 * next(hours))

    seen = watch("chaos:ok*9,stall|ok*99", back, QUICK)

    assert seen.events == ["lost", "back"]


def test_a_script_that_is_not_understood() -> None:
    with pytest.raises(SourceError, match="chaos step 'brake' is unknown: give ok, freeze"):
        open_source("chaos:ok*3,brake")
    assert [[step.word for step in part] for part in parse("ok*2,stall|refuse")] == [["ok", "stall"], ["refuse"]]


def test_a_process_that_cannot_be_started_is_tried_again(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the machine has no memory left for a while: first at the start, then after a loss."""
    calls, real = itertools.count(), subprocess.Popen

    def start(*arguments, **options):
        if next(calls) in (0, 2):  # 1 is the second try to start, and opens
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return real(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", start)

    seen = watch(
        "chaos:ok*9,crash|ok*9,crash|ok*999", lambda seen: seen.events.count("back") == 1, LiveConfig(give_up=0)
    )

    assert seen.events == ["lost", "back"]
    assert "was ended by signal 9" in seen.notices[0]
    assert next(calls) == 4


def test_a_process_that_cannot_be_started_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_arguments, **_options):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", start)

    with open_source("chaos:ok*9") as frames, pytest.raises(SourceError, match=r"^chaos .* could not be started$"):
        next(frames)
