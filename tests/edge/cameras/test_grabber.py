"""How a camera is watched, over a capture process of our own and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.cameras import grabber as room
from signs_edge.edge.cameras.config import Camera, LiveConfig
from signs_edge.edge.cameras.grabber import Grabber
from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.util.child_process import ChildLost


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Capture:
    """A capture process that plays answers; each is a pause in seconds, before it comes, and the answer.

    Its first `asked` is the opening. A frame's answer is the pause alone: it is captured as it comes.
    """

    clock: Clock
    answers: Iterator[tuple[float, dict[str, Any] | None]]
    heard: bool = True
    asked_at: float = 0.0
    waiting: tuple[float, dict[str, Any] | None] | None = None
    pictures: int = 0
    closed: int = 0

    def ask(self, question: dict[str, Any]) -> None:
        self.asked_at = self.clock.now
        if "open" in question:
            self.waiting = (self.clock.now, {"opened": True})
            return
        pause, answer = next(self.answers)
        self.waiting = (self.clock.now + pause, answer)

    def answer(self, timeout_s: float) -> dict[str, Any] | None:
        assert self.waiting is not None
        due, answer = self.waiting
        if due > self.clock.now + timeout_s:
            self.clock.now += timeout_s
            return None
        self.clock.now = max(due, self.clock.now)
        if answer is None:
            raise ChildLost("was ended by signal 9")
        return {"captured": self.clock.now, "dropped": 0, "damaged": 0, "shape": (4, 4, 3), **answer}

    def image(self, _answer: dict[str, Any]) -> np.ndarray:
        self.pictures += 1
        return np.random.default_rng(self.pictures).integers(60, 180, (4, 4, 3), dtype=np.uint8)

    def close(self, at_once: bool = False) -> None:
        self.closed += 1


class Watched:
    """A grabber over `Capture`."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, watch: WatchConfig, *answers: tuple[float, dict | None]
    ) -> None:
        self.clock, self.notices = Clock(), list[str]()
        self.capture = Capture(self.clock, iter(answers))
        monkeypatch.setattr(room, "CaptureLink", lambda: self.capture)
        camera = Camera("chaos:", "cam", "")
        self.grabber = Grabber(camera, lambda: False, LiveConfig(watch), self.notices.append, clock=self.clock)
        self.frames = self.grabber.frames()

    def take(self, number: int) -> list[Frame]:
        return [next(self.frames) for _ in range(number)]


FRAME: dict[str, Any] = {}


def test_slow_frames_are_no_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four of its own intervals are more than the least wait here."""
    watch = WatchConfig(stalled_after=2.0, frozen_after=0)
    watched = Watched(monkeypatch, watch, *[(1.0, FRAME)] * 5, (3.9, FRAME))

    seen = watched.take(6)

    assert [frame.state for frame in seen] == [FrameState.OK] * 6
    assert seen[5].captured - seen[4].captured == pytest.approx(3.9)
    assert watched.notices == []


def test_a_stall_is_one_from_four_intervals_on(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = WatchConfig(stalled_after=2.0, frozen_after=0)
    watched = Watched(monkeypatch, watch, *[(1.0, FRAME)] * 5, (4.1, FRAME), (0.1, FRAME))

    *_, lost = watched.take(6)

    assert (lost.state, lost.image) == (FrameState.LOST, None)
    assert watched.notices == ["cam gave no frame for 4 s: trying again until it is back"]
    assert watched.capture.closed == 1


def test_a_frame_that_has_grown_old_while_nobody_asked_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera stalls while its frames are not asked for; the one that waits there is seconds old."""
    watch = WatchConfig(stalled_after=1.0, frozen_after=0)
    old, young = {"captured": 100.2, "dropped": 3}, {"captured": 105.0}
    watched = Watched(monkeypatch, watch, (0.1, FRAME), (0.0, old), (0.0, young))
    watched.take(1)
    watched.clock.now = 105.0

    (later,) = watched.take(1)

    assert (later.captured, later.dropped, later.index) == (105.0, 4, 1)


def test_a_process_that_dies_is_lost_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, WatchConfig(), (0.1, FRAME), (0.1, None), (0.1, FRAME))
    monkeypatch.setattr(room, "_POLL_S", 0.01)

    first, lost = watched.take(2)
    watched.clock.now += 10.0
    back = next(frame for frame in watched.frames if frame.image is not None)

    assert [frame.event for frame in (first, lost, back)] == [None, "lost", "back"]
    assert (
        watched.notices[0]
        == "cam is lost, the process that reads it was ended by signal 9: trying again until it is back"
    )
    assert watched.notices[1].startswith("cam is back after ")
