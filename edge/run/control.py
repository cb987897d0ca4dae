"""What a person at the window or the page asks of a run: to stop counting and go on, and to look elsewhere."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.region.region import Region
from signs_edge.edge.region.square import Square

PAUSED, RESUMED = "paused", "resumed"
"""Events of the first frame that is not counted, and of the first that is again."""
_NAP_S = 0.05  # between two showings of the frame at which a recording waits


class Control:
    """The wishes of the moment. Any thread may tell them; the loop obeys between two frames.

    It is the run's region too, for where to look can change with each frame.
    """

    def __init__(
        self,
        region: Region,
        regions: Callable[[str], Region],
        roi: str = "auto",
        told: Callable[[str, str], None] = lambda _kind, _text: None,
        taken: Callable[[str], None] = lambda _roi: None,
        notice: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Begin where the options say.

        Args:
            region: where is looked first.
            regions: makes a region of what a person gives: auto, center or x,y,w,h; UsageError where it is none of them.
            roi: the first region, as it was given.
            told: gets the kind and a line of each change of the region; called in the thread that asks for it.
            taken: gets where is looked, as it was given, once a change is in force; called in the loop's thread.
            notice: gets a line where the camera's frames have become so small that the region lies outside.
        """
        self._regions, self._told, self._taken, self._notice = regions, told, taken, notice
        self._region = region
        self._next: Region | None = None
        self._roi = roi
        self._size: tuple[int, int] | None = None  # width and height of the last frame that was looked at
        self._noticed = False  # that the region lies outside
        self._guard = threading.Lock()
        self._paused = False

    @property
    def paused(self) -> bool:
        """Whether frames are shown but not counted."""
        return self._paused

    @property
    def roi(self) -> str:
        """Where is looked, as it was given: auto, center or x,y,w,h."""
        return self._roi

    def pause(self, paused: bool = True) -> None:
        """Stop counting, or with False go on; the camera stays open, a recording waits."""
        self._paused = paused

    def look(self, roi: str) -> None:
        """Look there from the next frame on; UsageError where that is no part of the frame. Asked again, it does nothing."""
        if roi == self._roi:
            return
        region = self._regions(roi)
        if self._size is not None:
            region.check(*self._size)
        with self._guard:
            self._next, self._roi = region, roi
        self._told("region", roi)

    def steered(self, frames: Iterator[Frame], stopped: Callable[[], bool] = lambda: False) -> Iterator[Frame]:
        """The frames, those that come while counting is stopped marked as such.

        A live source goes on meanwhile; of a recording, the frame at which it waits is shown again and again.
        """
        shown = False  # as paused
        for frame in frames:
            while self._paused and not stopped():
                yield _unseen(frame, None if shown else PAUSED)
                shown = True
                if frame.captured is not None or frame.state is not FrameState.OK:
                    break
                time.sleep(_NAP_S)
            else:
                if stopped():
                    return
                event = frame.event or (RESUMED if shown else None)
                yield dataclasses.replace(frame, event=event) if shown else frame
                shown = False

    @property
    def found(self) -> bool:
        """Whether the last squares lie about a hand that was found."""
        return self._region.found

    def check(self, width: int, height: int) -> None:
        """Of the region that the options gave: UsageError where no part of it lies in frames of so many pixels."""
        with self._guard:
            anew = self._next is not None  # by a person, who must not end the run
        if not anew:
            self._region.check(width, height)

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """Of the next (height, width, 3) uint8 BGR frame, by the region in force."""
        with self._guard:
            chosen, self._next, roi = self._next, None, self._roi
        if chosen is not None:
            self._region = chosen
            self._region.reset()
            self._taken(roi)
            self._noticed = False
        self._size = frame.shape[1], frame.shape[0]
        self._notice_outside(*self._size)
        return self._region.squares(frame)

    def told(self, sure: bool) -> None:
        """Whether the answer to these squares was a count."""
        self._region.told(sure)

    def reset(self) -> None:
        """What comes next has nothing to do with what was."""
        self._region.reset()

    def _notice_outside(self, width: int, height: int) -> None:
        if self._noticed:
            return
        try:
            self._region.check(width, height)
        except UsageError as error:
            self._noticed = True
            self._notice(f"{error}; until then, the centre is looked at")


def _unseen(frame: Frame, event: str | None) -> Frame:
    """A frame that is shown alone; one that the watchdog does not believe stays what it is."""
    if frame.state is not FrameState.OK:
        return frame
    return dataclasses.replace(frame, state=FrameState.PAUSED, event=frame.event or event)
