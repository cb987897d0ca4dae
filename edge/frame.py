"""One frame, and in what state it is: only an OK one is worth an answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image


class FrameState(enum.Enum):
    """What the watchdog saw; the values are the words of the output."""

    OK = "ok"
    FROZEN = "frozen"  # the same picture for too long, to the last bit: a camera's noise never repeats
    BLACK = "black"
    OVEREXPOSED = "overexposed"
    LOST = "lost"  # no frame at all
    PAUSED = "paused"  # a person has stopped the counting


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        index: its number in the source, from 0.
        image: (height, width, 3) uint8 BGR; None where the file could not be decoded, or no frame came.
        source: what it came from, for people and logs; carries no password.
        label: the true class where the source knows it, such as "3".
        captured: when it came from the camera, `time.monotonic()` in seconds; None where it was read from a file.
        dropped: frames that were dropped since the last one, because this one is newer.
        state: none but an OK frame is classified or counted.
        event: what begins with this frame: "frozen", "black", "overexposed", "lost", or "back" once all is well;
            "paused" and "resumed" by a person; "labelled" of one that a person gave its label.

    >>> Frame(0, None, "clip.avi").state
    <FrameState.OK: 'ok'>
    """

    index: int
    image: Image | None
    source: str
    label: str | None = None
    captured: float | None = None
    dropped: int = 0
    state: FrameState = FrameState.OK
    event: str | None = None

    @property
    def distrusted(self) -> bool:
        """Whether there is an image, and the watchdog does not believe it."""
        return self.image is not None and self.state not in (FrameState.OK, FrameState.PAUSED)


def as_bgr(array: npt.NDArray[np.generic]) -> Image | None:
    """What a camera gave as (height, width, 3) uint8 BGR, whatever it changed to in mid-stream.

    Takes grey (height, width) or (height, width, 1), BGR, BGRA and YUYV (height, width, 2), of 8 or 16 bits. Other
    shapes and types are None: damaged.
    """
    if array.ndim not in (2, 3) or 0 in array.shape:
        return None
    if array.dtype == np.uint16:
        image = (np.asarray(array, np.uint16) >> 8).astype(np.uint8)
    elif array.dtype == np.uint8:
        image = np.asarray(array, np.uint8)
    else:
        return None
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels == 3:
        return image
    codes = {1: cv2.COLOR_GRAY2BGR, 2: cv2.COLOR_YUV2BGR_YUY2, 4: cv2.COLOR_BGRA2BGR}
    if channels not in codes or (channels == 2 and image.shape[1] % 2):
        return None
    return np.asarray(cv2.cvtColor(image, codes[channels]), np.uint8)
