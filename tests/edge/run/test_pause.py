"""Pausing and resuming while frames come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.run.pause import PAUSED, RESUMED, Pause

IMAGE = np.zeros((48, 64, 3), np.uint8)


def live(n: int, state: FrameState = FrameState.OK) -> Iterator[Frame]:
    return (Frame(i, IMAGE, "camera", captured=1.0 + i, state=state) for i in range(n))


def test_frames_pass_untouched_while_counting() -> None:
    frames = list(live(3))

    assert list(Pause().apply(iter(frames))) == frames


def test_live_frames_go_on_uncounted_while_it_is_paused() -> None:
    asked = Pause()
    seen = []
    for frame in asked.apply(live(6)):
        seen.append((frame.index, frame.state, frame.event))
        if frame.index in (1, 3):
            asked.pause(frame.index == 1)

    assert seen == [
        (0, FrameState.OK, None),
        (1, FrameState.OK, None),
        (2, FrameState.PAUSED, PAUSED),
        (3, FrameState.PAUSED, None),
        (4, FrameState.OK, RESUMED),
        (5, FrameState.OK, None),
    ]


def test_a_recording_waits_at_its_frame() -> None:
    asked = Pause()
    asked.pause()
    frames = asked.apply(Frame(i, IMAGE, "clip") for i in range(2))

    waiting = list(itertools.islice(frames, 3))
    asked.pause(False)
    rest = list(frames)

    assert [(frame.index, frame.state, frame.event) for frame in waiting] == [
        (0, FrameState.PAUSED, PAUSED),
        (0, FrameState.PAUSED, None),
        (0, FrameState.PAUSED, None),
    ]
    assert [(frame.index, frame.state, frame.event) for frame in rest] == [
        (0, FrameState.OK, RESUMED),  # none is lost
        (1, FrameState.OK, None),
    ]


def test_a_recording_that_waits_can_be_ended() -> None:
    asked = Pause()
    asked.pause()

    assert list(asked.apply((Frame(i, IMAGE, "clip") for i in range(2)), stopped=lambda: True)) == []


def test_what_the_watchdog_saw_is_told_while_paused_too() -> None:
    asked = Pause()
    asked.pause()

    (frame,) = asked.apply(iter([Frame(0, None, "camera", state=FrameState.LOST, event="lost")]))

    assert (frame.state, frame.event) == (FrameState.LOST, "lost")
    assert not Frame(0, IMAGE, "camera", state=FrameState.PAUSED).distrusted
    assert Frame(0, IMAGE, "camera", state=FrameState.BLACK).distrusted
