"""Recorded frames in real time, over a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.sources.pacing import paced


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def frames(n: int) -> Iterator[Frame]:
    return (Frame(index, np.zeros((2, 2, 3), np.uint8), "clip") for index in range(n))


def test_a_fast_reader_gets_each_frame_when_its_successor_comes() -> None:
    clock = Clock()

    seen = list(paced(frames(5), 10, lambda: False, clock, clock.wait))

    assert [frame.index for frame in seen] == [0, 1, 2, 3, 4]
    assert [round(frame.captured, 3) for frame in seen] == [100.0, 100.1, 100.2, 100.3, 100.4]
    assert {frame.dropped for frame in seen} == {0}


def test_a_slow_reader_gets_the_newest_and_the_others_are_counted() -> None:
    clock, seen = Clock(), []
    for frame in paced(frames(11), 10, lambda: False, clock, clock.wait):
        seen.append((frame.index, frame.dropped, clock.now - frame.captured < 0.11))
        clock.now += 0.31

    assert [index for index, _, _ in seen] == [0, 3, 6, 9, 10]
    assert sum(dropped for _, dropped, _ in seen) == 11 - len(seen)
    assert all(fresh for _, _, fresh in seen[:-1])  # the clip has nothing newer than its last


def test_a_recording_slower_than_real_time_is_seen_all_the_same() -> None:
    clock = Clock()

    def slow() -> Iterator[Frame]:
        for frame in frames(40):
            clock.now += 0.15  # to decode what lasts 0.1 s
            yield frame

    seen = list(paced(slow(), 10, lambda: False, clock, clock.wait))

    assert len(seen) > 15
    assert sum(frame.dropped + 1 for frame in seen) == 40


def test_a_stop_ends_the_wait() -> None:
    clock = Clock()

    seen = list(paced(frames(5), 0.001, lambda: clock.now > 101, clock, clock.wait))

    assert [frame.index for frame in seen] == [0]  # which was due at once
    assert clock.now < 102


@pytest.mark.parametrize("source", ["clip.avi", "*.avi"])
def test_a_video_at_its_own_speed(tmp_path, grey_frames, source: str) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20, (64, 48))
    for image in grey_frames(10):
        writer.write(image)
    writer.release()

    with open_source(str(tmp_path / source), realtime=True) as clip:
        seen = list(clip)

    assert sum(1 + frame.dropped for frame in seen) == 10
    span = seen[-1].captured - seen[0].captured
    assert round(span * 20, 3) == seen[-1].index - seen[0].index
