"""What the page shows of a frame: its picture as a JPEG, and its state."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.frame import FrameState
from signs_edge.edge.metrics.agreement import Agreement
from signs_edge.edge.prediction import NO_HAND_FOUND
from signs_edge.edge.region.square import centre_of
from signs_edge.edge.run.result import FrameResult

MOST_WIDE = 960  # pixels of the picture; the box is in those of the frame
QUALITY = 80  # of the JPEG, 0..100


@dataclass(frozen=True)
class View:
    """A frame and what was known when it was counted.

    Attributes:
        result: of the frame.
        history: the last smoothed counts, the oldest first; None where no count was given.
        agreement: of int8 and float on all frames that both saw.
        verdict: of the drift monitor; None: there is no float twin.
        frames: counted so far.
        min_confidence: the run's, 0..1, for frames that were not looked at: the others have their own.
    """

    result: FrameResult
    history: tuple[int | None, ...]
    agreement: Agreement
    verdict: Verdict | None
    frames: int
    min_confidence: float

    def state(self) -> dict[str, Any]:
        """Plain values for a JSON object, as docs/guide/web.md has them; what is not known is null."""
        result, frame = self.result, self.result.frame
        counting = frame.state is FrameState.OK
        sure = result.prediction.confidence if result.prediction not in (None, NO_HAND_FOUND) else math.nan
        age = (time.monotonic() - frame.captured) * 1000 if frame.captured is not None else None
        return {
            "frame": frame.index,
            "source": frame.source,
            "state": frame.state.value,
            "count": result.count if counting else None,
            "raw_count": result.raw_count if counting else None,
            "label": result.prediction.label if result.prediction is not None and not math.isnan(sure) else None,
            "confidence": None if math.isnan(sure) else round(sure, 4),
            "min_confidence": round(self.min_confidence if result.prediction is None else result.least, 4),
            "size": None if frame.image is None else [frame.image.shape[1], frame.image.shape[0]],
            "box": self._box(),
            "age_ms": None if age is None else round(age, 1),
            "answer_age_ms": None if result.age_ms is None else round(result.age_ms, 1),
            "latency_ms": None if result.latency_ms is None else round(result.latency_ms, 2),
            "agreement": self._agreement(),
            "drift": None if self.verdict is None else {"status": self.verdict.status, "text": str(self.verdict)},
            "history": list(self.history),
        }

    def jpeg(self) -> bytes:
        """The frame as it came, without anything drawn on it, at most `MOST_WIDE` wide; empty where there is no image."""
        image = self.result.frame.image
        if image is None:
            return b""
        done, encoded = cv2.imencode(".jpg", _narrowed(image), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        return encoded.tobytes() if done else b""

    def _box(self) -> list[int] | None:
        """left, top and side of the widest square that the model looked at; None where it did not look."""
        image, squares = self.result.frame.image, self.result.squares
        if image is None:
            return None
        if self.result.prediction is None and not squares:
            return centre_of(image).to_json() if self.result.frame.state is FrameState.OK else None
        return max(squares, key=lambda each: each.side).to_json() if squares else None

    def _agreement(self) -> dict[str, Any] | None:
        """By the drift monitor, whose draws stand for all frames; until it has an interval, of the frames seen."""
        if self.verdict is not None and self.verdict.agreement.interval is not None:
            seen = self.verdict.agreement
            return {"rate": seen.rate, "frames": seen.looks, "interval": _pair(seen.interval)}
        if self.agreement.n == 0:
            return None
        return {"rate": self.agreement.rate, "frames": self.agreement.n, "interval": _pair(self.agreement.interval)}


def _pair(interval: Any) -> list[float] | None:
    return interval.to_json() if interval is not None else None


def _narrowed(image: Image) -> Image:
    height, width = image.shape[:2]
    if width <= MOST_WIDE:
        return image
    size = (MOST_WIDE, max(1, round(height * MOST_WIDE / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
