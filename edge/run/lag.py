"""Whether the loop keeps up with its camera."""

from __future__ import annotations

from signs_edge.edge.frame import Frame

SMOOTHING = 0.05  # weight of the newest frame in the running share
MOST_LATE = 0.2  # of the frames; now and then a look of the float twin makes a frame late
OLD_S = 1.0  # seconds from the camera to the loop: a queue has grown


class LagWatch:
    """Counts frames that came late: others were dropped for them, or they waited long."""

    def __init__(self) -> None:
        self._late = 0.0

    def see(self, frame: Frame, now: float) -> None:
        """Take the next frame, at `now` by `time.monotonic()` in seconds."""
        old = frame.captured is not None and now - frame.captured > OLD_S
        self._late += SMOOTHING * ((frame.dropped > 0 or old) - self._late)

    @property
    def behind(self) -> bool:
        """Whether more than `MOST_LATE` of the newest frames came late: some 5 in a row are enough; none have at the start."""
        return self._late > MOST_LATE
