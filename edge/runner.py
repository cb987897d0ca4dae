"""The loop: frames in, counts and drift out."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signs_edge.edge.abstention import Abstention, checked_threshold
from signs_edge.edge.camera import Frame
from signs_edge.edge.classifier import NO_HAND, Classifier, Prediction, decide
from signs_edge.edge.contract import Contract
from signs_edge.edge.drift import Agreement, PairedAccuracy
from signs_edge.edge.errors import UsageError
from signs_edge.edge.images import Image
from signs_edge.edge.preprocess import frame_to_picture


@dataclass(frozen=True)
class RunConfig:
    """How frames are counted.

    Attributes:
        contract: how a frame becomes a picture; comes with the model.
        min_confidence: below this probability, 0..1, a frame gets no count; the model's own is its `abstain_below`.
        float_every: the float twin, where there is one, sees every k-th frame.
        max_frames: stop after so many; None: never.
    """

    contract: Contract
    min_confidence: float = 0.0
    float_every: int = 10
    max_frames: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        checked_threshold(self.min_confidence)
        if self.float_every < 1:
            raise UsageError(
                f"float-every {self.float_every} is not allowed: give 1 for every frame, 10 for every tenth"
            )
        if self.max_frames is not None and self.max_frames < 1:
            raise UsageError(f"max-frames {self.max_frames} is not allowed: give at least 1")


@dataclass(frozen=True)
class FrameResult:
    """What was seen on one frame.

    Attributes:
        frame: the frame.
        prediction: the model's answer, the raw one too where it abstained; None where the frame could not be decoded.
        count: number of fingers; None where there is no answer, its class is no number, or it is not sure enough.
        latency_ms: crop, resize and inference, in milliseconds; None without an answer.
        twin: the float model's answer, on the frames that it saw.
    """

    frame: Frame
    prediction: Prediction | None
    count: int | None
    latency_ms: float | None
    twin: Prediction | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of the JSONL output."""
        line: dict[str, Any] = {
            "frame": self.frame.index,
            "source": self.frame.source,
            "count": self.count,
            "confidence": _rounded(self.prediction),
            "latency_ms": round(self.latency_ms, 3) if self.latency_ms is not None else None,
        }
        if self.prediction is not None and self.prediction.abstained and not math.isnan(self.prediction.confidence):
            line["withheld"] = self.prediction.label
        if self.frame.label is not None:
            line["label"] = self.frame.label
        if self.twin is not None:
            line["float"] = {"label": self.twin.label, "confidence": _rounded(self.twin)}
        return line


def _rounded(prediction: Prediction | None) -> float | None:
    """The confidence for a line; None where there is none, for JSON knows no NaN."""
    known = prediction is not None and not math.isnan(prediction.confidence)
    return round(prediction.confidence, 4) if prediction is not None and known else None


@dataclass
class RunSummary:
    """What a run has seen so far, in constant memory: latencies are those of the newest 10,000 frames.

    Whether a labelled frame is answered rightly, by int8 and by float, goes by what each says at the run's least
    confidence: silence is wrong before a hand, and right before a frame labelled "none". The two agree where they
    say the same, silence included.
    """

    frames: int = 0
    undecodable: int = 0
    without_count: int = 0  # decoded, but abstained or of a class that is no number
    not_a_number: int = 0  # of these, frames with a NaN for a confidence
    min_confidence: float = 0.0
    seconds: float = 0.0
    counts: Counter[int | None] = field(default_factory=Counter)
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))
    agreement: Agreement = field(default=Agreement(0, 0))
    judged: Abstention = field(default=Abstention())
    paired: PairedAccuracy = field(default=PairedAccuracy(0, 0, 0, 0))

    def add(self, result: FrameResult, labels: tuple[str, ...]) -> None:
        """Count one more frame; its label counts where it is one of the model's `labels`."""
        self.frames += 1
        self.counts[result.count] += 1
        if result.prediction is None or result.latency_ms is None:
            self.undecodable += 1
            return
        self.latencies_ms.append(result.latency_ms)
        prediction, twin, truth = result.prediction, result.twin, result.frame.label
        self.without_count += result.count is None
        self.not_a_number += math.isnan(prediction.confidence)
        known = truth if truth == NO_HAND or truth in labels else None
        if known is not None:
            self.judged = self.judged.add(prediction, known)
        if twin is None:
            return
        self.agreement = Agreement(self.agreement.same + (prediction.answer == twin.answer), self.agreement.n + 1)
        if known is not None:
            p = self.paired
            first, second = prediction.right(known), twin.right(known)
            self.paired = PairedAccuracy(
                p.both + (first and second),
                p.only_first + (first and not second),
                p.only_second + (second and not first),
                p.n + 1,
            )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; what is not known is null."""
        p50, p99 = self.latency(50), self.latency(99)
        interval, difference = self.agreement.interval, self.paired.interval
        return {
            "frames": self.frames,
            "undecodable": self.undecodable,
            "seconds": round(self.seconds, 3),
            "rate_fps": round(self.rate, 2) if self.rate is not None else None,
            "counts": {"null" if count is None else str(count): n for count, n in sorted(self.counts.items(), key=str)},
            "latency_ms": {"p50": p50, "p99": p99},
            "agreement": {
                "n": self.agreement.n,
                "same": self.agreement.same,
                "rate": self.agreement.rate,
                "interval": interval.to_json() if interval else None,
            },
            "labelled": {"n": self.labelled, "correct": self.correct, "accuracy": self.accuracy},
            "abstention": {
                "min_confidence": self.min_confidence,
                "without_count": self.without_count,
                "not_a_number": self.not_a_number,
                **self.judged.to_json(),
            },
            "drift": {
                "n": self.paired.n,
                "int8_accuracy": self.paired.first,
                "float_accuracy": self.paired.second,
                "difference": self.paired.difference,
                "interval": difference.to_json() if difference else None,
            },
        }

    @property
    def rate(self) -> float | None:
        """Frames a second over the whole run; None before the first."""
        return self.frames / self.seconds if self.frames and self.seconds > 0 else None

    @property
    def labelled(self) -> int:
        """Number of decoded frames whose label is one of the model's classes, or "none"."""
        return self.judged.n

    @property
    def correct(self) -> int:
        """Number of those answered rightly."""
        return self.judged.correct

    @property
    def accuracy(self) -> float | None:
        """Share of labelled frames answered rightly, 0..1; None where no label was known."""
        return self.correct / self.labelled if self.labelled else None

    def latency(self, percentile: float) -> float | None:
        """A percentile, 0..100, of the latency in milliseconds; None before the first answer."""
        if not self.latencies_ms:
            return None
        return round(float(np.percentile(self.latencies_ms, percentile)), 3)


Sink = Callable[[FrameResult, RunSummary], None]
"""Gets each frame's result and the summary up to and with it: JSONL lines, a window, a test's list."""


def run(
    frames: Iterable[Frame],
    classifier: Classifier,
    config: RunConfig,
    sinks: Iterable[Sink] = (),
    twin: Classifier | None = None,
) -> RunSummary:
    """Count fingers on every frame until the frames end.

    Args:
        frames: in their order; see `signs_edge.edge.camera.open_source`.
        classifier: the model on duty, usually int8.
        config: how.
        sinks: called with every result.
        twin: the float model that checks the first on every `config.float_every`-th frame.

    Returns:
        The summary of all frames.
    """
    sinks = tuple(sinks)
    summary = RunSummary(min_confidence=config.min_confidence)
    started = time.perf_counter()
    for frame in frames:
        result = _look(frame, classifier, config, twin if summary.frames % config.float_every == 0 else None)
        summary.add(result, classifier.labels)
        summary.seconds = time.perf_counter() - started
        for sink in sinks:
            sink(result, summary)
        if config.max_frames is not None and summary.frames >= config.max_frames:
            break
    summary.seconds = time.perf_counter() - started
    return summary


def _look(frame: Frame, classifier: Classifier, config: RunConfig, twin: Classifier | None) -> FrameResult:
    """One frame's way: picture, int8 answer, and the float answer where the twin looks too."""
    if frame.image is None:
        return FrameResult(frame, None, None, None)
    started = time.perf_counter()
    picture: Image = frame_to_picture(frame.image, config.contract)
    prediction = decide(classifier.probabilities(picture), classifier.labels, config.min_confidence)
    latency_ms = (time.perf_counter() - started) * 1000
    checked = decide(twin.probabilities(picture), twin.labels, config.min_confidence) if twin else None
    return FrameResult(frame, prediction, prediction.count, latency_ms, checked)
