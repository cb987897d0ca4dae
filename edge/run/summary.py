"""The figures of a run so far."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signs_edge.edge.frame import FrameState
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.agreement import Agreement, PairedAccuracy
from signs_edge.edge.prediction import NO_HAND
from signs_edge.edge.run.camera_summary import CameraSummary
from signs_edge.edge.run.result import FrameResult


@dataclass
class RunSummary:
    """The figures of a run so far, in constant memory: latencies are those of the newest 10,000 frames.

    A labelled frame is answered rightly, by int8 or by float, at the run's least confidence: no answer is wrong on a
    hand, and right on a frame labelled "none". The two agree where both give the same answer, or both none.

    >>> RunSummary().accuracy is None  # nothing was labelled
    True
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
    watch: CameraSummary = field(default_factory=CameraSummary)

    def add(self, result: FrameResult, labels: tuple[str, ...]) -> None:
        """Count one more frame; its label counts where it is one of the model's `labels`.

        A frame that the watchdog does not trust, or that never came, is counted in `watch` and nowhere else.
        """
        self.watch.add(result.frame, result.age_ms)
        if result.frame.state is not FrameState.OK:
            return
        self.frames += 1
        self.counts[result.count] += 1
        if result.prediction is None or result.latency_ms is None:
            self.undecodable += 1
            return
        self.latencies_ms.append(result.latency_ms)
        prediction, twin = result.prediction, result.twin
        self.without_count += result.count is None
        self.not_a_number += math.isnan(prediction.confidence)
        self.add_label(result, labels)
        if twin is not None:
            self.agreement = Agreement(self.agreement.same + (prediction.answer == twin.answer), self.agreement.n + 1)

    def add_label(self, result: FrameResult, labels: tuple[str, ...]) -> None:
        """Judge a frame by its label, where that is one of the model's `labels` or "none".

        A frame that was labelled after it was counted is not counted again. The float twin's answer to it says nothing
        about the agreement on other frames, since it was asked for because of the label.
        """
        prediction, twin, truth = result.prediction, result.twin, result.frame.label
        if prediction is None or truth is None or (truth != NO_HAND and truth not in labels):
            return
        self.judged = self.judged.add(prediction, truth)
        if twin is not None:
            p, first, second = self.paired, prediction.right(truth), twin.right(truth)
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
            "watch": self.watch.to_json(),
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
