"""What the page may ask of a run, and nothing else: stop and go on, look elsewhere, label a frame that was shown."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any

from signs_edge.edge.errors import SignsEdgeError, UsageError
from signs_edge.edge.region.region import FixedRegion, parse_roi
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.result import FrameResult

KEPT, KEPT_BYTES = 16, 32_000_000
"""Frames that were shown last are kept for their label: so many, of so many bytes together at most."""
KEPT_S = 5.0
"""None is kept where nobody has looked for so many seconds."""
_LOOKS = {"auto": "looking for the hand", "center": "looking at the centre"}


class ShownFrames:
    """The last frames that were shown, by their number on the page: a person labels what they see, not what came since."""

    def __init__(self) -> None:
        self._frames: OrderedDict[int, FrameResult] = OrderedDict()
        self._bytes = 0
        self._last = 0.0
        self._size: tuple[int, int] | None = None
        self._guard = threading.Lock()

    def keep(self, number: int, result: FrameResult) -> None:
        """A frame is shown; the oldest ones go."""
        with self._guard:
            self._frames[number] = result
            self._bytes += _size(result)
            self._last = time.monotonic()
            if result.frame.image is not None:
                self._size = result.frame.image.shape[1], result.frame.image.shape[0]
            while len(self._frames) > 1 and (len(self._frames) > KEPT or self._bytes > KEPT_BYTES):
                self._bytes -= _size(self._frames.popitem(last=False)[1])

    def forget_unseen(self) -> None:
        """All of them, where nobody has looked lately."""
        with self._guard:
            if self._frames and time.monotonic() - self._last > KEPT_S:
                self._frames.clear()
                self._bytes = 0

    def get(self, number: int) -> FrameResult:
        """The frame; UsageError where it is no longer kept."""
        with self._guard:
            result = self._frames.get(number)
        if result is None:
            raise UsageError("that frame is too old: label one that is shown")
        return result

    def check_region(self, roi: str) -> None:
        """Refuse a region that is not within the frame: cut out of far beyond it, it would be of any size.

        Raises:
            UsageError: it is not, or no frame was shown yet, or it is no region at all.
        """
        region = parse_roi(roi)
        if isinstance(region, FixedRegion):
            width, height = self._size or (0, 0)
            if region.x + region.width > width or region.y + region.height > height:
                raise UsageError(f"that is not within the frame of {width}x{height} pixels: draw it over the picture")

    def __len__(self) -> int:
        return len(self._frames)


def obey(asked: dict[str, Any], controls: Controls, shown: ShownFrames) -> dict[str, Any]:
    """Do what is asked, in any thread: {"done": TEXT}, or {"refused": TEXT}.

    Args:
        asked: from the process that talks to the network, so of any content.
        controls: of the run.
        shown: the frames that may be labelled.
    """
    try:
        return {"done": _do(asked, controls, shown)}
    except SignsEdgeError as error:
        return {"refused": str(error)}


def _do(asked: dict[str, Any], controls: Controls, shown: ShownFrames) -> str:
    pause, roi, label, number = (asked.get(name) for name in ("pause", "look", "label", "frame"))
    if isinstance(pause, bool):
        controls.pause.pause(pause)
        return "stopped" if pause else "counting"
    if isinstance(roi, str):
        shown.check_region(roi)
        controls.region.look(roi)
        return _LOOKS.get(roi, "looking there")
    if isinstance(label, str) and isinstance(number, int):
        controls.labels.give(shown.get(number), label)
        return f"labelled {label}"
    raise UsageError("not understood: give pause, look, or label and frame")


def _size(result: FrameResult) -> int:
    return result.frame.image.nbytes if result.frame.image is not None else 0
