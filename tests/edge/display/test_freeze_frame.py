"""What stands while counting is stopped, of a camera and of a recording."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.display.freeze_frame import FreezeFrame
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Callback
from signs_edge.edge.run.summary import RunSummary

IMAGE = np.zeros((48, 64, 3), np.uint8)


class Six:
    labels = ("0", "1", "2", "3", "4", "5")

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        return np.array([0, 0, 1, 0, 0, 0], np.float32)


def result(index: int, state: FrameState = FrameState.OK) -> FrameResult:
    answer = NO_HAND_FOUND if state is FrameState.OK else None
    return FrameResult(Frame(index, IMAGE, "camera", state=state), answer, None, None)


def test_each_frame_is_itself_while_counting() -> None:
    still, results = FreezeFrame(), [result(0), result(1, FrameState.BLACK), result(2)]

    assert [still.shown(one) for one in results] == results


def test_while_paused_it_is_the_last_one_with_an_answer() -> None:
    still, paused = FreezeFrame(), result(7, FrameState.PAUSED)
    assert still.shown(paused) == paused  # none yet
    still.shown(result(8))
    still.shown(result(9, FrameState.LOST))

    shown = still.shown(result(10, FrameState.PAUSED))

    assert shown == dataclasses.replace(result(8), frame=dataclasses.replace(result(8).frame, state=FrameState.PAUSED))
    lost = result(11, FrameState.LOST)
    assert still.shown(lost) == lost  # trouble is told while paused too


def test_of_a_recording_it_is_the_frame_before_the_one_that_waits_and_counts_once() -> None:
    labels, still, calls, pause = LabelQueue(Six.labels), FreezeFrame(), itertools.count(), Pause()
    shown: list[tuple[int, FrameState]] = []

    def person(one: FrameResult, _summary: RunSummary) -> None:
        seen, call = still.shown(one), next(calls)
        shown.append((seen.frame.index, seen.frame.state))
        if call == 1:
            pause.pause()
        if seen.frame.state is FrameState.PAUSED:
            labels.give(seen, "2")
            pause.pause(call < 4)

    frames = pause.apply(Frame(i, IMAGE, "clip") for i in range(4))
    summary = run(frames, Pipeline(Six(), RunConfig(Contract())), [Callback(person)], labels)

    ok, paused = FrameState.OK, FrameState.PAUSED
    assert shown == [(0, ok), (1, ok), (1, paused), (1, paused), (1, paused), (2, ok), (3, ok)]
    assert (summary.frames, summary.labelled, summary.correct) == (4, 1, 1)
