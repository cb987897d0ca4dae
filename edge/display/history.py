"""The last frames' counts: a strip that shows where counts flicker, and where none was given."""

from __future__ import annotations

from collections import deque

from signs_edge.edge.frame import FrameState
from signs_edge.edge.run.result import FrameResult

FRAMES = 150  # five seconds at 30 a second


class History:
    """Keeps the counts of the last frames that were looked at.

    Attributes:
        counts: the smoothed counts, the oldest first; None where no count was given.
    """

    def __init__(self, frames: int = FRAMES) -> None:
        """For so many frames."""
        self.counts: deque[int | None] = deque(maxlen=frames)

    def add(self, result: FrameResult) -> None:
        """Take a frame; one that was not looked at leaves the strip as it is."""
        if result.frame.state is FrameState.OK and result.prediction is not None:
            self.counts.append(result.count)
