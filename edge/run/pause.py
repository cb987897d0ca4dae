"""Pause and resume counting, while the camera stays open."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator

from signs_edge.edge.frame import Frame, FrameState

PAUSED, RESUMED = "paused", "resumed"
"""Events of the first frame that is not counted, and of the first that is counted again."""
_REPEAT_S = 0.05  # from one showing of the frame at which a recording waits to the next


class Pause:
    """Holds counting back. Any thread may call it; the loop obeys between two frames."""

    def __init__(self) -> None:
        self._paused = False
        self._changed = threading.Condition()

    @property
    def paused(self) -> bool:
        """Whether frames are shown but not counted."""
        return self._paused

    def pause(self, paused: bool = True) -> None:
        """Stop counting, or with False resume; the camera stays open, a recording waits."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def apply(self, frames: Iterator[Frame], stopped: Callable[[], bool] = lambda: False) -> Iterator[Frame]:
        """The frames, each marked as PAUSED that comes while counting is stopped.

        A live source goes on meanwhile. Of a recording, the frame at which it waits is given again and again.

        Args:
            frames: of one run.
            stopped: asked while a recording waits, whether to end.
        """
        shown = False  # as paused
        for frame in frames:
            while self._paused and not stopped():
                yield _uncounted(frame, None if shown else PAUSED)
                shown = True
                if frame.captured is not None or frame.state is not FrameState.OK:
                    break
                with self._changed:
                    self._changed.wait_for(lambda: not self._paused, _REPEAT_S)
            else:
                if stopped():
                    return
                event = frame.event or (RESUMED if shown else None)
                yield dataclasses.replace(frame, event=event) if shown else frame
                shown = False


def _uncounted(frame: Frame, event: str | None) -> Frame:
    """A frame that is only shown; one that the watchdog does not trust keeps its state."""
    if frame.state is not FrameState.OK:
        return frame
    return dataclasses.replace(frame, state=FrameState.PAUSED, event=frame.event or event)
