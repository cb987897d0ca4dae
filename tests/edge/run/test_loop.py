"""The loop, with frames from a list and a classifier that answers by the picture's brightness."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from running import Person, Seen, run_frames

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import SourceError, UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.agreement import Agreement, PairedAccuracy
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.region.region import FixedRegion
from signs_edge.edge.region.square import Square
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Callback, Sink
from signs_edge.edge.run.smoothing import SmoothingConfig
from signs_edge.edge.run.summary import RunSummary

CONFIG = RunConfig(Contract())


@dataclass
class Fake:
    """Answers 0.7 for the class that the picture's red value names, moved on by `off`; each time less by `wane`."""

    labels: tuple[str, ...] = ("0", "1", "2", "none")
    off: int = 0
    confidence: float = 0.7
    wane: float = 0.0
    seen: list[int] = field(default_factory=list)

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        assert picture.shape == (64, 64, 3)
        red = int(picture[0, 0, 0])
        self.seen.append(red)
        confidence = self.confidence - self.wane * (len(self.seen) - 1)
        answer = np.full(len(self.labels), (1 - confidence) / (len(self.labels) - 1), np.float32)
        answer[(red + self.off) % len(self.labels)] = confidence
        return answer


def frame(index: int, red: int, label: str | None = None) -> Frame:
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 2] = red  # BGR
    return Frame(index, image, f"frame {index}", label)


def results(frames: list[Frame], config: RunConfig = CONFIG, every: int = 10, **fakes: Fake) -> list[FrameResult]:
    return run_frames(frames, fakes.get("classifier", Fake()), config, fakes.get("twin"), every)[1]


def summed(
    frames: Iterable[Frame], classifier: Fake, config: RunConfig = CONFIG, twin: Fake | None = None, every: int = 10
) -> RunSummary:
    return run_frames(frames, classifier, config, twin, every)[0]


def test_a_line_has_these_keys_and_plain_values() -> None:
    (result,) = results([frame(7, red=2)])

    line = json.loads(json.dumps(result.to_json(), allow_nan=False))

    assert list(line) == ["frame", "source", "count", "raw_count", "confidence", "latency_ms"]
    assert (line["frame"], line["source"], line["count"], line["confidence"]) == (7, "frame 7", 2, 0.7)
    assert 0 < line["latency_ms"] < 1000


def test_a_line_also_has_the_label_and_the_twins_answer_where_there_are() -> None:
    (result,) = results([frame(0, 2, "1")], twin=Fake(off=1, confidence=0.9))

    line = result.to_json()

    assert line["label"] == "1"
    assert line["float"] == {"label": "none", "confidence": 0.9}


@pytest.mark.parametrize(("confidence", "count"), [(0.69, None), (0.71, 1)])
def test_no_count_below_the_least_confidence(confidence: float, count: int | None) -> None:
    classifier = Fake(confidence=confidence)

    (result,) = results([frame(0, 1)], RunConfig(Contract(), min_confidence=0.7), classifier=classifier)

    assert result.count == count
    assert result.to_json()["confidence"] == confidence  # it still says what it thought


def test_what_was_withheld_is_said() -> None:
    unsure, sure = results(
        [frame(0, 1), frame(1, 1)],
        RunConfig(Contract(), min_confidence=0.7),
        classifier=Fake(wane=0.1, confidence=0.75),
    )[::-1]

    assert list(unsure.to_json()) == ["frame", "source", "count", "raw_count", "confidence", "latency_ms", "withheld"]
    assert unsure.to_json()["withheld"] == "1"
    assert unsure.prediction is not None
    assert (unsure.prediction.label, unsure.prediction.answer, unsure.count) == ("1", None, None)
    assert "withheld" not in sure.to_json()
    assert sure.count == 1


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_nan_is_neither_a_count_nor_in_a_line(threshold: float) -> None:
    broken = Fake(confidence=float("nan"))
    config = RunConfig(Contract(), min_confidence=threshold)

    (result,) = results([frame(0, 1, "1")], config, 1, classifier=broken, twin=broken)
    summary = summed([frame(0, 1, "1"), frame(1, 1, "none")], broken, config)

    line = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert (line["count"], line["confidence"], line["float"]["confidence"]) == (None, None, None)
    assert "withheld" not in line  # it is no answer at all
    assert (summary.without_count, summary.not_a_number) == (2, 2)
    assert (summary.labelled, summary.correct) == (2, 1)
    json.dumps(summary.to_json(), allow_nan=False)


def test_silence_is_wrong_before_a_hand_and_right_before_none() -> None:
    frames = [
        frame(0, 1, "1"),  # 0.75: said, and right
        frame(1, 1, "2"),  # 0.65: withheld from here on
        frame(2, 2, "2"),  # withheld, though it would have been right
        frame(3, 2, "none"),  # withheld, and right
        frame(4, 3, "none"),
    ]
    config = RunConfig(Contract(), min_confidence=0.7)

    summary = summed(frames, Fake(wane=0.1, confidence=0.75), config, Fake(confidence=0.75), 1)

    assert (summary.frames, summary.without_count) == (5, 4)
    assert dict(summary.counts) == {1: 1, None: 4}
    assert summary.judged == Abstention(hands=3, kept=1, right=1, hand_free=2, counted=0)
    assert (summary.labelled, summary.correct, summary.accuracy) == (5, 3, 0.6)
    # The twin, always at 0.75, says 1, 1, 2, 2, none: they say the same on the first frame only.
    assert summary.agreement == Agreement(1, 5)
    assert summary.paired == PairedAccuracy(both=2, only_first=1, only_second=1, n=5)
    assert summary.to_json()["abstention"] == {
        "min_confidence": 0.7, "without_count": 4, "not_a_number": 0, **summary.judged.to_json(),
    }  # fmt: skip


def test_two_that_keep_silent_agree() -> None:
    config = RunConfig(Contract(), min_confidence=0.8)

    summary = summed([frame(0, 1)], Fake(), config, Fake(off=1), 1)

    assert summary.agreement == Agreement(1, 1)


def test_a_frame_without_a_hand_is_judged_also_where_the_model_has_no_such_class() -> None:
    labels = ("0", "1", "2", "3")

    summary = summed([frame(0, 1, "none"), frame(1, 1, "1")], Fake(labels), CONFIG)

    assert summary.judged == Abstention(hands=1, kept=1, right=1, hand_free=1, counted=1)
    assert summary.accuracy == 0.5


def test_a_confidence_just_as_asked_for_will_do() -> None:
    (result,) = results([frame(0, 1)], RunConfig(Contract(), min_confidence=0.5), classifier=Fake(confidence=0.5))

    assert result.count == 1


def test_no_count_for_a_class_that_is_no_number() -> None:
    (result,) = results([frame(0, 3)])

    assert result.prediction is not None
    assert (result.prediction.label, result.count) == ("none", None)


def test_no_count_for_a_frame_that_could_not_be_decoded_and_the_run_goes_on() -> None:
    frames = [frame(0, 1), Frame(1, None, "broken", "2"), frame(2, 2)]

    seen = results(frames, twin=Fake())
    summary = summed(frames, Fake(), CONFIG)

    assert [result.count for result in seen] == [1, None, 2]
    line = seen[1].to_json()
    assert (line["count"], line["confidence"], line["latency_ms"], line["source"]) == (None, None, None, "broken")
    assert (summary.frames, summary.undecodable, len(summary.latencies_ms), summary.labelled) == (3, 1, 2, 0)


def test_frames_that_show_nothing_are_not_classified_and_in_no_statistic() -> None:
    image = np.full((48, 64, 3), 1, np.uint8)
    troubled = [FrameState.FROZEN, FrameState.BLACK, FrameState.OVEREXPOSED, FrameState.LOST]
    frames = [frame(0, 1, "1"), *(Frame(9, image, "x", "1", 1.0, 2, state, state.value) for state in troubled)]
    classifier, twin = Fake(), Fake()

    summary = summed(frames, classifier, RunConfig(Contract(), max_frames=2), twin, 1)

    assert (len(classifier.seen), len(twin.seen)) == (1, 1)
    assert (summary.frames, summary.undecodable, summary.without_count, summary.labelled) == (1, 0, 0, 1)
    assert sum(summary.counts.values()) == summary.agreement.n == len(summary.latencies_ms) == 1
    assert summary.watch.events == {state.value: 1 for state in troubled}
    assert summary.watch.dropped == 8


def test_a_line_of_a_live_frame_says_how_old_it_was_and_what_was_dropped() -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    captured = time.monotonic() - 2

    seen = results([
        Frame(0, image, "cam", captured=captured, dropped=3),
        Frame(1, None, "cam", state=FrameState.LOST, event="lost"),
        Frame(1, image, "cam", captured=captured, event="back"),
    ])  # fmt: skip

    first, lost, back = (result.to_json() for result in seen)
    assert 2000 <= first["age_ms"] < 60_000
    assert first["dropped"] == 3
    assert "event" not in first
    assert (lost["event"], lost["age_ms"], lost["count"], lost["latency_ms"]) == ("lost", None, None, None)
    assert (back["event"], back["count"]) == ("back", 0)


def test_the_classifier_gets_the_contracts_rgb_picture() -> None:
    classifier = Fake()

    results([frame(0, 2)], classifier=classifier)

    assert classifier.seen == [2]


def test_the_twin_sees_every_kth_frame() -> None:
    twin = Fake()

    seen = results([frame(i, i) for i in range(11)], every=4, twin=twin)

    assert twin.seen == [0, 4, 8]
    assert [i for i, result in enumerate(seen) if result.twin] == [0, 4, 8]


def test_the_summary_counts_it_all() -> None:
    frames = [
        frame(0, 0, "0"),  # both right (off by 0)
        frame(1, 1, "2"),  # both wrong
        frame(2, 2, None),  # nobody knows
        frame(3, 3, "7"),  # a label that the model does not have
        Frame(4, None, "broken", "0"),
    ]

    summary = summed(frames, Fake(), twin=Fake(), every=1)

    assert summary.frames == 5
    assert dict(summary.counts) == {0: 1, 1: 1, 2: 1, None: 2}
    assert (summary.labelled, summary.correct, summary.accuracy) == (2, 1, 0.5)
    assert summary.agreement == Agreement(4, 4)
    assert summary.paired == PairedAccuracy(both=1, only_first=0, only_second=0, n=2)


@pytest.mark.parametrize(
    ("label", "paired"),
    [("1", PairedAccuracy(0, 1, 0, 1)), ("2", PairedAccuracy(0, 0, 1, 1)), ("0", PairedAccuracy(0, 0, 0, 1))],
)
def test_the_summary_says_who_of_two_was_right(label: str, paired: PairedAccuracy) -> None:
    summary = summed([frame(0, 1, label)], Fake(), CONFIG, Fake(off=1))

    assert summary.paired == paired
    assert summary.agreement == Agreement(0, 1)


def test_the_summary_for_programs() -> None:
    summary = summed([frame(i, i % 3, str(i % 3)) for i in range(20)], Fake(), CONFIG, Fake())

    written = json.loads(json.dumps(summary.to_json(), allow_nan=False))

    assert (written["frames"], written["undecodable"], written["counts"]) == (20, 0, {"0": 7, "1": 7, "2": 6})
    assert written["rate_fps"] == pytest.approx(20 / summary.seconds, abs=0.01)
    assert 0 < written["latency_ms"]["p50"] <= written["latency_ms"]["p99"]
    assert written["agreement"] == {"n": 2, "same": 2, "rate": 1.0, "interval": summary.agreement.interval.to_json()}
    assert written["labelled"] == {"n": 20, "correct": 20, "accuracy": 1.0}
    assert written["drift"] == {
        "n": 2,
        "int8_accuracy": 1.0,
        "float_accuracy": 1.0,
        "difference": 0.0,
        "interval": summary.paired.interval.to_json(),
    }


def test_what_was_not_seen_is_null() -> None:
    summary = summed([], Fake(), CONFIG)

    written = json.loads(json.dumps(summary.to_json(), allow_nan=False))

    assert written["rate_fps"] is None
    assert written["latency_ms"] == {"p50": None, "p99": None}
    assert written["agreement"] == {"n": 0, "same": 0, "rate": None, "interval": None}
    assert written["labelled"] == {"n": 0, "correct": 0, "accuracy": None}
    assert set(written["drift"].values()) == {0, None}


def test_percentiles_of_the_latency() -> None:
    summary = RunSummary()
    for ms in range(1, 102):
        summary.add(FrameResult(frame(0, 0), Prediction(0, "0", 1.0), 0, float(ms)), ("0",))

    assert (summary.latency(50), summary.latency(99), summary.latency(100)) == (51, 100, 101)


def test_memory_does_not_grow_with_the_run() -> None:
    summary = RunSummary()
    result = FrameResult(frame(0, 0), Prediction(0, "0", 1.0), 0, 1.0)
    for _ in range(10_100):
        summary.add(result, ("0",))
    summary.add(FrameResult(frame(0, 0), Prediction(0, "0", 1.0), 0, 5.0), ("0",))

    assert summary.frames == 10_101
    assert len(summary.latencies_ms) == 10_000
    assert summary.latency(100) == 5.0  # the newest are kept


def test_stops_after_so_many_frames_and_asks_for_no_more() -> None:
    taken = []

    def endless():
        for index in itertools.count():
            taken.append(index)
            yield frame(index, 0)

    summary = summed(endless(), Fake(), RunConfig(Contract(), max_frames=3))

    assert summary.frames == 3
    assert taken == [0, 1, 2]


def test_each_sink_gets_each_result_with_the_summary_up_to_it() -> None:
    first, second = [], []
    sinks = (
        Person(lambda result, summary: first.append((result.frame.index, summary.frames))),
        Callback(lambda _result, summary: second.append(summary.rate)),
    )

    run([frame(i, 1) for i in range(3)], Pipeline(Fake(), CONFIG), (sink for sink in sinks))

    assert first == [(0, 1), (1, 2), (2, 3)]
    assert len(second) == 3
    assert all(rate > 0 for rate in second)


@pytest.mark.parametrize(
    "values",
    [
        {"min_confidence": -0.1},
        {"min_confidence": 1.1},
        {"min_confidence": float("nan")},
        {"max_frames": 0},
        {"max_frames": -1},
    ],
)
def test_values_that_mean_nothing_are_refused(values: dict[str, float]) -> None:
    (name,) = values

    with pytest.raises(UsageError, match=f"{name.replace('_', '-')} .* is not allowed"):
        RunConfig(Contract(), **values)


class Squares:
    """A region that looks where it is told, and remembers what it was told."""

    found = True

    def __init__(self, *squares: tuple[Square, ...]) -> None:
        self.turns, self.sure, self.resets = list(squares), [], 0  # type: ignore[var-annotated]

    def check(self, width: int, height: int) -> None: ...

    def squares(self, frame: np.ndarray) -> tuple[Square, ...]:
        return self.turns.pop(0)

    def told(self, sure: bool) -> None:
        self.sure.append(sure)

    def reset(self) -> None:
        self.resets += 1


def test_no_square_no_hand_and_no_twin() -> None:
    region = Squares((), (Square(0, 0, 64),))
    config = RunConfig(Contract(), min_confidence=0.3)

    summary, seen = run_frames([frame(0, 1, "none"), frame(1, 1, "1")], Fake(), config, Fake(), 1, region=region)

    assert [(result.count, result.raw_count, result.twin is None) for result in seen] == [
        (None, None, True), (1, 1, False),
    ]  # fmt: skip
    assert "withheld" not in seen[0].to_json()
    assert seen[0].to_json()["confidence"] is None
    assert region.sure == [False, True]
    assert (summary.without_count, summary.undecodable, summary.accuracy) == (1, 0, 1.0)


def test_a_region_outside_the_first_frame_is_refused_and_of_a_later_one_the_centre_is_looked_at() -> None:
    lost = Frame(0, None, "camera", state=FrameState.LOST)
    large, small = frame(1, 1), Frame(2, np.zeros((24, 32, 3), np.uint8), "camera")
    region = FixedRegion(40, 0, 24, 24)

    with pytest.raises(UsageError, match=r"roi 40,0,24,24 lies outside the frame of 32x24 pixels: give x below 32"):
        run_frames([lost, small, large], Fake(), CONFIG, region=region)
    _, seen = run_frames([lost, large, small], Fake(), CONFIG, region=region)

    assert [result.squares for result in seen] == [(), (Square(40, 0, 24),), (Square(4, 0, 24),)]


def test_several_squares_are_answered_by_their_mean() -> None:
    image = np.zeros((64, 128, 3), np.uint8)
    image[:, 64:] = 2  # the fake reads its class off the picture
    squares = (Square(0, 0, 64), Square(64, 0, 64), Square(64, 0, 64))

    _, seen = run_frames([Frame(0, image, "x")], Fake(), CONFIG, region=Squares(squares))

    assert seen[0].raw_count == 2
    assert seen[0].squares == squares
    assert 0.4 < seen[0].prediction.confidence < 0.9  # type: ignore[union-attr]


def test_pictures_of_a_folder_stand_alone_and_frames_of_a_clip_do_not() -> None:
    config = RunConfig(Contract(), smoothing=SmoothingConfig(half_life=4))

    def counts(sources: str) -> list[int | None]:
        frames = [
            Frame(i, np.full((64, 64, 3), value, np.uint8), source)
            for i, (value, source) in enumerate(zip((1, 1, 1, 2), sources, strict=True))
        ]
        seen = results(frames, config)
        assert [result.raw_count for result in seen] == [1, 1, 1, 2]
        return [result.count for result in seen]

    assert counts("aaaa") == [1, 1, 1, 1]
    assert counts("abcd") == [1, 1, 1, 2]


@pytest.mark.parametrize(("found", "count"), [(True, 1), (False, None)])
def test_less_is_asked_of_a_hand_that_was_found(found: bool, count: int | None) -> None:
    region = Squares((Square(0, 0, 48),))
    region.found = found
    config = RunConfig(Contract(), 0.75, 0.6, smoothing=SmoothingConfig())

    _, (result,) = run_frames([frame(0, 1)], Fake(confidence=0.7), config, Fake(confidence=0.7), 1, region=region)

    assert (result.count, result.raw_count, result.least) == (count, count, 0.6 if found else 0.75)
    assert result.twin is not None
    assert result.twin.abstained != found


@pytest.mark.parametrize("least", [(-0.1, None), (0.5, 1.1)])
def test_a_least_confidence_is_a_probability(least: tuple[float, float | None]) -> None:
    with pytest.raises(UsageError, match="min-confidence"):
        RunConfig(Contract(), *least)


def test_a_sink_closes_itself_and_needs_to_override_only_what_it_uses() -> None:
    closed: list[str] = []

    class Minimal(Sink):
        def close(self) -> None:
            closed.append("closed")

    with Minimal() as sink:
        run([frame(0, 1)], Pipeline(Fake(), CONFIG), [sink])
        assert not closed

    assert closed == ["closed"]


def test_labels_that_wait_when_the_camera_is_lost_for_good_still_count() -> None:
    labels, seen = LabelQueue(Fake().labels), Seen()

    def frames() -> Iterator[Frame]:
        yield frame(0, 1)
        labels.give(seen.results[0], "1")
        raise SourceError("the camera is gone")

    summary = RunSummary()
    with pytest.raises(SourceError):
        run(frames(), Pipeline(Fake(), CONFIG), [seen], labels, summary)

    assert (summary.labelled, summary.correct) == (1, 1)
    assert [result.frame.label for result in seen.labelled] == ["1"]
