"""Whether frames come, and whether they show anything: pure rules over a clock that is handed in.

All times are of one monotonic clock, in seconds; setting the machine's clock changes nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState

_STEP = 8  # every 8th pixel across and down stands for the picture
BLACK_BELOW = 16  # 99 % of these have all their channels below it: video's own black is 16 (ITU-R BT.601)
WHITE_FROM = 250  # nine of ten of these have all their channels there: nothing is left to see


@dataclass(frozen=True)
class WatchConfig:
    """When a camera is not to be believed.

    Attributes:
        stalled_after: seconds without a frame after which there is none; a camera that has been slower from its
            start on is given four of its own intervals.
        frozen_after: seconds after which a picture that has not changed by one bit is frozen; 0: never.
    """

    stalled_after: float = 3.0
    frozen_after: float = 5.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0 < self.stalled_after < float("inf"):
            raise UsageError(f"stalled-after {self.stalled_after:g} is not allowed: give seconds above 0")
        if not 0 <= self.frozen_after < float("inf"):
            raise UsageError(f"frozen-after {self.frozen_after:g} is not allowed: give seconds, or 0 for never")


def exposure(image: Image) -> FrameState:
    """OK, BLACK or OVEREXPOSED, from a sample of the pixels of a (height, width, 3) uint8 BGR picture."""
    brightest = image[::_STEP, ::_STEP].max(axis=2)
    if np.count_nonzero(brightest >= BLACK_BELOW) <= 0.01 * brightest.size:
        return FrameState.BLACK
    if np.count_nonzero(brightest >= WHITE_FROM) < 0.9 * brightest.size:  # as most are: spares the second look
        return FrameState.OK
    darkest = image[::_STEP, ::_STEP].min(axis=2)
    return FrameState.OVEREXPOSED if np.count_nonzero(darkest >= WHITE_FROM) >= 0.9 * darkest.size else FrameState.OK


class Watchdog:
    """Judges the frames of one camera in their order, over its reconnects too."""

    def __init__(self, config: WatchConfig = WatchConfig()) -> None:
        self.config = config
        self._last: Image | None = None
        self._changed = 0.0  # when the picture last changed
        self._frame_at: float | None = None
        self._intervals: deque[float] = deque(maxlen=9)

    def judge(self, image: Image, now: float) -> FrameState:
        """The state of a frame that was captured at `now`."""
        if self._frame_at is not None:
            self._intervals.append(now - self._frame_at)
        self._frame_at = now
        if not self.config.frozen_after or self._last is None or not _same(image, self._last):
            self._last, self._changed = image, now
        lit = exposure(image)
        if lit is not FrameState.OK:  # a dark picture may well stay the same
            return lit
        frozen = self.config.frozen_after and now - self._changed >= self.config.frozen_after
        return FrameState.FROZEN if frozen else FrameState.OK

    def reconnected(self) -> None:
        """The pause was no interval between frames; a picture that was frozen before is still the same one."""
        self._frame_at = None

    @property
    def patience(self) -> float:
        """Seconds without a frame after which the camera has stalled."""
        if len(self._intervals) < 3:
            return self.config.stalled_after
        return max(self.config.stalled_after, 4 * sorted(self._intervals)[len(self._intervals) // 2])


def _same(image: Image, other: Image) -> bool:
    """Whether they are equal to the last bit; a sample spares most pictures the whole comparison."""
    if image.shape != other.shape:
        return False
    if not np.array_equal(image[::_STEP, ::_STEP], other[::_STEP, ::_STEP]):
        return False
    return np.array_equal(image, other)
