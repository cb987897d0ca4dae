"""The result of one frame, and its JSON line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.frame import Frame
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction
from signs_edge.edge.region.square import Square

LABELLED = "labelled"
"""The event of a frame that a person labelled some time after it was counted."""


@dataclass(frozen=True)
class FrameResult:
    """The result of one frame.

    Attributes:
        frame: the frame.
        prediction: the model's answer, also where it abstained; None where the frame was not classified.
        count: number of fingers, smoothed over the last frames; None where the model is not sure enough.
        raw_count: of this frame alone.
        latency_ms: crop, resize and inference, in milliseconds; None without an answer.
        twin: the float model's answer, on the frames that it saw.
        squares: the parts of the frame that the model looked at; empty where no hand was found.
        scores: (classes,) the model's probabilities; None where no hand was found, or the frame was not decoded.
        twin_scores: the float model's, on the frames that it saw.
        least: the confidence, 0..1, below which this frame gets no count.
        age_ms: how old the frame was when its answer was there, in milliseconds; None where it is not live.

    >>> import signs_edge
    >>> for result in signs_edge.load().stream("synthetic", max_frames=1):
    ...     sorted(result.to_json())
    ['confidence', 'count', 'frame', 'label', 'latency_ms', 'raw_count', 'source']
    """

    frame: Frame
    prediction: Prediction | None
    count: int | None
    latency_ms: float | None
    twin: Prediction | None = None
    age_ms: float | None = None
    raw_count: int | None = None
    squares: tuple[Square, ...] = ()
    least: float = 0.0
    scores: Probabilities | None = field(default=None, compare=False, repr=False)
    twin_scores: Probabilities | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """One line of the JSONL output; `age_ms` and `dropped` only of live frames, `event` where something happened.

        The line of a labelled frame has no count: the frame was counted in an earlier line.
        """
        counted = self.frame.event != LABELLED
        line: dict[str, Any] = {
            "frame": self.frame.index,
            "source": self.frame.source,
            **({"count": self.count, "raw_count": self.raw_count} if counted else {}),
            "confidence": _rounded(self.prediction),
            "latency_ms": round(self.latency_ms, 3) if self.latency_ms is not None else None,
        }
        if self.frame.captured is not None or self.frame.event is not None:
            line["age_ms"] = round(self.age_ms, 3) if self.age_ms is not None else None
            line["dropped"] = self.frame.dropped
        if self.frame.event is not None:
            line["event"] = self.frame.event
        if _rounded(self.prediction) is not None and self.prediction is not None and self.prediction.abstained:
            line["withheld"] = self.prediction.label
        if self.frame.label is not None:
            line["label"] = self.frame.label
        if self.twin is not None:
            line["float"] = {"label": self.twin.label, "confidence": _rounded(self.twin)}
        return line


def _rounded(prediction: Prediction | None) -> float | None:
    """The confidence, rounded; None where there is none, since JSON has no NaN."""
    known = prediction is not None and prediction != NO_HAND_FOUND and not math.isnan(prediction.confidence)
    return round(prediction.confidence, 4) if prediction is not None and known else None
