"""What a minute of frames comes to: the line that a journal keeps of it."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.frame import FrameState
from signs_edge.edge.run.result import FrameResult

SECONDS = 60.0
HARDEST = 3  # frames of a minute whose scores are kept
_EVERY = 8  # rows and columns: enough for a mean brightness, at a 64th of the cost


@dataclass(frozen=True)
class HardFrame:
    """One of a minute's hardest frames.

    Attributes:
        index: its number in the source.
        margin: the highest probability less the second, 0..1; −1 where one is NaN, for nothing is harder.
        scores: (classes,) probabilities of the model on duty; None for a NaN, which JSON does not know.
        twin: the float model's; None where it did not look.
    """

    index: int
    margin: float
    scores: tuple[float | None, ...]
    twin: tuple[float | None, ...] | None


@dataclass
class Minute:
    """Frames of at most a minute, in constant memory: latencies are those of its newest 6,000 frames.

    Attributes:
        number: of the run's minutes, from 0, by the clock that cannot be set.
        wall: when it began, seconds since 1970 as the device's clock had it then, right or wrong.
        mono: when it began, seconds since the start of the run.
        seconds: from its beginning to its newest frame.
        frames: that were looked at, undecodable ones included.
        unseen: frames that were not, by what was wrong with them: "frozen", "black", "overexposed".
        dropped: frames given up for newer ones.
        counts: frames by the number of fingers; None: no count.
        looks: frames that the float twin saw, by the answer of the model on duty; "" where it abstained. These are
            raw numbers: where hard frames are likelier to be drawn, the estimate without bias is the verdict's.
        same: of these, those with the same answer.
    """

    number: int
    wall: float
    mono: float
    seconds: float = 0.0
    frames: int = 0
    undecodable: int = 0
    dropped: int = 0
    unseen: Counter[str] = field(default_factory=Counter)
    counts: Counter[int | None] = field(default_factory=Counter)
    looks: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    hardest: list[HardFrame] = field(default_factory=list)
    _latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=6_000))
    _confidence: float = 0.0
    _sure: int = 0
    _brightness: float = 0.0

    def add(self, result: FrameResult, mono: float) -> None:
        """Take a frame, or the news that there is none, at `mono` seconds since the start of the run."""
        self.seconds = mono - self.mono
        frame = result.frame
        self.dropped += frame.dropped
        if frame.state is not FrameState.OK:
            if frame.distrusted:
                self.unseen[frame.state.value] += 1
            return
        self.frames += 1
        self.counts[result.count] += 1
        if result.prediction is None or result.latency_ms is None or frame.image is None:
            self.undecodable += 1
            return
        self._latencies_ms.append(result.latency_ms)
        self._brightness += float(frame.image[::_EVERY, ::_EVERY].mean())
        prediction = result.prediction
        if prediction.index >= 0 and not math.isnan(prediction.confidence):
            self._confidence += prediction.confidence
            self._sure += 1
        if result.twin is not None:
            answer = prediction.answer or ""
            self.looks[answer] += 1
            self.same[answer] += prediction.answer == result.twin.answer
        if result.scores is not None:
            self._keep(frame.index, result.scores, result.twin_scores)

    def _keep(self, index: int, scores: Probabilities, twin: Probabilities | None) -> None:
        """Keep its scores if it is one of the hardest so far; of equals, the first."""
        second, first = np.sort(scores)[-2:] if len(scores) > 1 else (0.0, scores[0])
        margin = float(first - second) if np.isfinite(scores).all() else -1.0
        if len(self.hardest) == HARDEST and margin >= self.hardest[-1].margin:
            return
        kept = HardFrame(index, margin, _plain(scores), None if twin is None else _plain(twin))
        self.hardest = sorted([*self.hardest, kept], key=lambda one: one.margin)[:HARDEST]

    def to_row(self) -> dict[str, Any]:
        """Its columns in the journal; what is not known is None."""
        answered = len(self._latencies_ms)
        p50, p99 = np.percentile(self._latencies_ms, (50, 99)).tolist() if answered else (None, None)
        seen = self.frames - self.undecodable
        return {
            "number": self.number,
            "wall": self.wall,
            "mono": self.mono,
            "seconds": self.seconds,
            "frames": self.frames,
            "undecodable": self.undecodable,
            "dropped": self.dropped,
            "unseen": dict(sorted(self.unseen.items())),
            "counts": {"null" if count is None else str(count): n for count, n in sorted(self.counts.items(), key=str)},
            "looks": self.looks.total(),
            "same": self.same.total(),
            "classes": {answer: [self.same[answer], n] for answer, n in sorted(self.looks.items())},
            "confidence": self._confidence / self._sure if self._sure else None,
            "latency_p50_ms": p50,
            "latency_p99_ms": p99,
            "brightness": self._brightness / seen if seen else None,
        }


def _plain(scores: Probabilities) -> tuple[float | None, ...]:
    return tuple(round(score, 4) if math.isfinite(score) else None for score in map(float, scores))
