"""What a minute of frames comes to."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.journal.minute import HARDEST, Minute
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction
from signs_edge.edge.run.result import FrameResult

LABELS = ("0", "1", "2")


def shown(
    index: int, scores: tuple[float, ...], twin: tuple[float, ...] | None = None, light: int = 100
) -> FrameResult:
    image = np.full((48, 64, 3), light, np.uint8)
    answers = [None if one is None else np.array(one, np.float32) for one in (scores, twin)]
    first, second = (
        None if one is None else Prediction(int(one.argmax()), LABELS[one.argmax()], float(one.max()))
        for one in answers
    )
    assert first is not None
    return FrameResult(
        Frame(index, image, "cam"), first, first.count, 10.0 + index, second, None, first.count, (), 0.0, *answers
    )


def test_counts_agreement_confidence_latency_and_brightness() -> None:
    minute = Minute(3, 1000.0, 180.0)
    minute.add(shown(0, (0.1, 0.8, 0.1), (0.1, 0.8, 0.1), light=50), 181.0)
    minute.add(shown(1, (0.1, 0.6, 0.3), (0.1, 0.3, 0.6), light=150), 182.0)
    minute.add(shown(2, (0.7, 0.2, 0.1)), 183.5)

    row = json.loads(json.dumps(minute.to_row(), allow_nan=False))

    assert (row["number"], row["wall"], row["mono"], row["seconds"]) == (3, 1000.0, 180.0, 3.5)
    assert (row["frames"], row["counts"]) == (3, {"0": 1, "1": 2})
    assert (row["looks"], row["same"], row["classes"]) == (2, 1, {"1": [1, 2]})
    assert row["confidence"] == pytest.approx(0.7)
    assert row["brightness"] == pytest.approx(100)
    assert (row["latency_p50_ms"], row["latency_p99_ms"]) == (11.0, pytest.approx(11.98))


def test_a_frame_that_is_not_believed_is_unseen_and_no_frame() -> None:
    minute = Minute(0, 0.0, 0.0)
    image = np.zeros((4, 4, 3), np.uint8)
    minute.add(FrameResult(Frame(0, image, "cam", state=FrameState.BLACK, dropped=2), None, None, None), 1.0)
    minute.add(FrameResult(Frame(1, None, "cam", state=FrameState.LOST), None, None, None), 2.0)

    row = minute.to_row()

    assert (row["frames"], row["unseen"], row["dropped"], row["counts"]) == (0, {"black": 1}, 2, {})
    assert (row["confidence"], row["brightness"], row["latency_p50_ms"]) == (None, None, None)


def test_frames_without_a_picture_or_a_hand_are_counted_and_move_no_mean() -> None:
    minute = Minute(0, 0.0, 0.0)
    minute.add(FrameResult(Frame(0, None, "a.png"), None, None, None), 0.5)
    minute.add(FrameResult(Frame(1, np.zeros((8, 8, 3), np.uint8), "b.png"), NO_HAND_FOUND, None, 1.0), 0.6)

    row = minute.to_row()

    assert (row["frames"], row["undecodable"], row["counts"]) == (2, 1, {"null": 2})
    assert row["confidence"] is None


def test_the_hardest_frames_are_kept_with_both_scores_a_nan_before_all() -> None:
    minute = Minute(0, 0.0, 0.0)
    for index, low in enumerate((0.1, 0.4, 0.2, 0.35, 0.3)):
        minute.add(shown(index, (0.0, low, 1 - low), (0.0, low, 1 - low) if index == 1 else None), 1.0)
    minute.add(shown(9, (float("nan"), 0.5, 0.5)), 1.0)

    assert len(minute.hardest) == HARDEST == 3
    assert [one.index for one in minute.hardest] == [9, 1, 3]
    assert (minute.hardest[0].scores, minute.hardest[0].margin) == ((None, 0.5, 0.5), -1.0)
    assert minute.hardest[1].scores == minute.hardest[1].twin == (0.0, 0.4, 0.6)
    assert minute.to_row()["confidence"] is not None
