"""Figures of the camera over a run: the age of frames, how many were dropped, and how often the camera was lost."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signs_edge.edge.frame import Frame, FrameState


@dataclass
class CameraSummary:
    """Figures of the camera, in constant memory: ages are those of the newest 10,000 frames.

    Attributes:
        dropped: frames that a newer one replaced before they were classified, or that were damaged.
        unseen: frames that were not classified, by what was wrong with them: "frozen", "black", "overexposed".
        events: how often each began, "lost" and "back" among them.
        ages_ms: of live frames at their answers, in milliseconds.
    """

    dropped: int = 0
    unseen: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    ages_ms: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))

    def add(self, frame: Frame, age_ms: float | None) -> None:
        """Count one more frame, or a frame that did not come."""
        self.dropped += frame.dropped
        if frame.event is not None:
            self.events[frame.event] += 1
        if frame.state is FrameState.OK:
            if age_ms is not None:
                self.ages_ms.append(age_ms)
        elif frame.distrusted:
            self.unseen[frame.state.value] += 1

    def age(self, percentile: float) -> float | None:
        """A percentile, 0..100, of the age in milliseconds; None where no frame was live."""
        return round(float(np.percentile(self.ages_ms, percentile)), 3) if self.ages_ms else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; what is not known is null."""
        return {
            "age_ms": {"p50": self.age(50), "p99": self.age(99)},
            "dropped": self.dropped,
            "unseen": dict(sorted(self.unseen.items())),
            "events": dict(sorted(self.events.items())),
        }

    def lines(self) -> list[str]:
        """Lines for people; none where nothing happened."""
        lines = []
        if self.ages_ms:
            lines.append(f"age      p50 {self.age(50):.1f} ms, p99 {self.age(99):.1f} ms of a frame at its answer")
        if self.dropped:
            lines.append(f"{self.dropped} frames dropped for newer ones")
        lines += [f"{n} {state} frames not looked at" for state, n in sorted(self.unseen.items())]
        if lost := self.events[FrameState.LOST.value]:
            lines.append(f"the camera was lost {lost} {'time' if lost == 1 else 'times'}")
        return lines
