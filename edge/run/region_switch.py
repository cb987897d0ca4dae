"""Change where in the frame the model looks, while frames come."""

from __future__ import annotations

import threading
from collections.abc import Callable

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.region.region import Region
from signs_edge.edge.region.square import Square


class RegionSwitch:
    """A region that another one can replace between two frames. Any thread may call `look`.

    Attributes:
        on_request: gets the new region as text, in the thread that asks for it.
        on_change: gets the region as text once it is in force, in the loop's thread.
        notice: gets a line when the camera's frames have become so small that the region lies outside.
    """

    def __init__(
        self,
        region: Region,
        make: Callable[[str], Region],
        roi: str = "auto",
        *,
        notice: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Start with the region of the options.

        Args:
            region: the first one.
            make: makes a region of text: auto, center or x,y,w,h; UsageError where the text is none of them.
            roi: the first region as text.
            notice: see the class.
        """
        self.on_request: Callable[[str], None] = lambda _roi: None
        self.on_change: Callable[[str], None] = lambda _roi: None
        self.notice = notice
        self._make, self._region, self._roi = make, region, roi
        self._next: Region | None = None
        self._size: tuple[int, int] | None = None  # width and height of the last frame
        self._outside = False  # the notice was given
        self._guard = threading.Lock()

    @property
    def roi(self) -> str:
        """The region as text: auto, center or x,y,w,h."""
        return self._roi

    def look(self, roi: str) -> None:
        """Look there from the next frame on; a request for the present region does nothing.

        Raises:
            UsageError: the text names no region, or one outside of the frame.
        """
        if roi == self._roi:
            return
        region = self._make(roi)
        if self._size is not None:
            region.check(*self._size)
        with self._guard:
            self._next, self._roi = region, roi
        self.on_request(roi)

    @property
    def found(self) -> bool:
        """Whether the last squares lie about a hand that the finder found."""
        return self._region.found

    def check(self, width: int, height: int) -> None:
        """Check the region of the options: UsageError where no part of it lies in frames of so many pixels.

        A region that a person asked for before the first frame ends no run: `squares` gives a notice instead.
        """
        with self._guard:
            replaced = self._next is not None
        if not replaced:
            self._region.check(width, height)

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """The squares to look at in the next (height, width, 3) uint8 BGR frame, by the region in force."""
        with self._guard:
            chosen, self._next, roi = self._next, None, self._roi
        if chosen is not None:
            self._region = chosen
            self._region.reset()
            self._outside = False
            self.on_change(roi)
        self._size = frame.shape[1], frame.shape[0]
        self._notice_outside(*self._size)
        return self._region.squares(frame)

    def told(self, sure: bool) -> None:
        """Pass on whether the answer to these squares was a count."""
        self._region.told(sure)

    def reset(self) -> None:
        """Forget the past: what comes next has nothing to do with it."""
        self._region.reset()

    def _notice_outside(self, width: int, height: int) -> None:
        if self._outside:
            return
        try:
            self._region.check(width, height)
        except UsageError as error:
            self._outside = True
            self.notice(f"{error}; until then, the centre is looked at")
