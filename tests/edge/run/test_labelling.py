"""Labels given while frames run: who gets them, what they are judged by, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from running import Person, Seen, shadow_of

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.metrics.agreement import Agreement
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.run import labelling
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.result import LABELLED, FrameResult
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.kept_frames import KeptFrames

LABELS = ("0", "1", "2", "3")


class Fake:
    """Answers the class that the picture's red value names, moved on by `off`."""

    labels = LABELS

    def __init__(self, off: int = 0) -> None:
        self.off, self.asked = off, 0

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        self.asked += 1
        scores = np.full(4, 0.1, np.float32)
        scores[(int(picture[0, 0, 0]) + self.off) % 4] = 0.7
        return scores


def frame(index: int, red: int, label: str | None = None) -> Frame:
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 2] = red  # BGR
    return Frame(index, image, "camera", label)


def labelled(gives: dict[int, str], twin: Fake | None, *sinks: Sink) -> tuple[RunSummary, Shadow | None]:
    """Run ten frames, each showing 2, of which a person labels some as they are shown; the twin sees the first."""
    labels, shadow = LabelQueue(LABELS), shadow_of(twin, Fake())

    def look(result: FrameResult, _summary: RunSummary) -> None:
        if result.frame.index in gives:
            labels.give(result, gives[result.frame.index])

    pipeline = Pipeline(Fake(), RunConfig(Contract()), shadow=shadow)
    return run([frame(i, 2) for i in range(10)], pipeline, [Person(look), *sinks], labels), shadow


def test_both_models_are_judged_on_the_frame_that_was_labelled() -> None:
    seen, twin = Seen(), Fake(off=1)  # says 3

    summary, _ = labelled({4: "2", 6: "3", 7: "none"}, twin, seen)

    taken = seen.labelled
    assert [(one.frame.index, one.frame.label, one.frame.event) for one in taken] == [
        (4, "2", LABELLED), (6, "3", LABELLED), (7, "none", LABELLED),
    ]  # fmt: skip
    assert {one.twin.label for one in taken if one.twin} == {"3"}
    assert (summary.frames, summary.labelled, summary.correct) == (10, 3, 1)
    paired = summary.paired
    assert (paired.n, paired.only_first, paired.only_second, paired.both) == (3, 1, 1, 0)
    # The first frame alone was drawn: a labelled one tells nothing of the agreement on others.
    assert summary.agreement == Agreement(0, 1)
    assert twin.asked == 4


def test_without_a_twin_the_model_alone_is_judged() -> None:
    summary, _ = labelled({1: "2"}, None)

    assert (summary.labelled, summary.correct, summary.paired.n) == (1, 1, 0)


def test_the_twin_is_asked_once_where_it_has_looked_already() -> None:
    twin = Fake()
    labelled({0: "2"}, twin)  # the frame that float_every drew

    assert twin.asked == 1


def test_a_frame_without_a_hand_is_the_same_to_both() -> None:
    shadow = shadow_of(Fake(), Fake())
    assert shadow is not None
    result = FrameResult(frame(0, 1, "none"), NO_HAND_FOUND, None, 1.0)

    checked = shadow.label(result, Contract())

    assert checked.twin == NO_HAND_FOUND
    assert shadow.report().paired.both == 1


def taken(queue: LabelQueue) -> list[tuple[int, str | None]]:
    """What the loop takes from the queue, between two frames."""
    return [(one.frame.index, one.frame.label) for one in queue.take()]


def test_a_corrected_label_takes_the_place_of_the_first_until_it_is_handed_on() -> None:
    queue, shown = LabelQueue(LABELS), FrameResult(frame(3, 2), NO_HAND_FOUND, None, 1.0)
    for label in ("2", "3", "3"):
        queue.give(shown, label)
    assert taken(queue) == [(3, "3")]

    queue.give(shown, "3")  # the same again says nothing
    with pytest.raises(UsageError, match="frame 3 has the label 3 already: it is counted"):
        queue.give(shown, "2")

    assert taken(queue) == []


def test_no_frame_counts_twice_whatever_was_labelled_between() -> None:
    queue, counted = LabelQueue(LABELS), []
    for index in (3, 4, 3):
        queue.give(FrameResult(frame(index, 2), NO_HAND_FOUND, None, 1.0), "2")
        counted += taken(queue)

    assert counted == [(3, "2"), (4, "2")]


def test_the_memory_of_labels_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "REMEMBERED", 5)
    queue = LabelQueue(LABELS)
    for index in range(20):
        queue.give(FrameResult(frame(index, 2), NO_HAND_FOUND, None, 1.0), "2")
        assert taken(queue) == [(index, "2")]

    assert len(queue._given) == 5
    assert not queue._waiting


def test_two_threads_may_label_while_the_loop_takes() -> None:
    queue, counted = LabelQueue(LABELS), []
    shown = [FrameResult(frame(index, 2), NO_HAND_FOUND, None, 1.0) for index in range(300)]

    def person() -> None:
        for one in shown:
            queue.give(one, "2")

    people = [threading.Thread(target=person) for _ in range(2)]
    for thread in people:
        thread.start()
    while any(thread.is_alive() for thread in people):
        counted += taken(queue)
    counted += taken(queue)

    assert sorted(counted) == [(index, "2") for index in range(300)]


@pytest.mark.parametrize(
    ("result", "label", "why"),
    [
        (FrameResult(frame(0, 1), NO_HAND_FOUND, None, 1.0), "7", "label '7' is not allowed: give one of 0, 1, 2, 3, none"),
        (FrameResult(frame(0, 1), NO_HAND_FOUND, None, 1.0), "../x", "not allowed"),
        (FrameResult(frame(5, 1), None, None, None), "1", "frame 5 was not looked at"),
        (FrameResult(frame(5, 1, "2"), NO_HAND_FOUND, None, 1.0), "1", "came with the label 2"),
    ],
)  # fmt: skip
def test_what_is_refused(result: FrameResult, label: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        LabelQueue(LABELS).give(result, label)


def test_labels_reach_the_drift_report() -> None:
    _, shadow = labelled({2: "2", 3: "3", 5: "3"}, Fake(off=1))

    assert shadow is not None
    paired = shadow.report().paired
    assert (paired.n, paired.only_first, paired.only_second) == (3, 1, 2)


def test_labelled_frames_are_kept_whatever_their_neighbours(tmp_path: Path) -> None:
    notices: list[str] = []
    keep = KeptFrames(tmp_path / "kept", LABELS, notices.append)

    labelled({2: "2", 3: "2", 4: "none"}, None, keep)

    assert len(list((tmp_path / "kept/2").glob("*.png"))) == 2
    assert len(list((tmp_path / "kept/none").glob("*.png"))) == 1
    assert notices == []
