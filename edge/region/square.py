"""The square of a frame that the counting network looks at: its centre, a part given by the user, or around the hand."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.region.finder import Found


@dataclass(frozen=True)
class Square:
    """A square of a frame; it may reach beyond the frame's border, where the border's pixels are carried on.

    Attributes:
        left, top: its corner in the frame's pixels.
        side: in pixels, at least 1.
    """

    left: int
    top: int
    side: int

    def to_json(self) -> list[int]:
        """left, top, side."""
        return [self.left, self.top, self.side]


def centre_of(frame: Image) -> Square:
    """The largest square about the centre of a (height, width, 3) frame."""
    height, width = frame.shape[:2]
    side = min(height, width)
    return Square((width - side) // 2, (height - side) // 2, side)


def around(found: Found, margin: float) -> Square:
    """The square about a found hand whose side is the hand's longer side times `margin`."""
    side = max(1, round(found.side * margin))
    return Square(round(found.x - side / 2), round(found.y - side / 2), side)


def cut(frame: Image, square: Square) -> Image:
    """The square of a (height, width, 3) frame, (side, side, 3); the whole frame where the square lies outside it."""
    height, width = frame.shape[:2]
    left, top, right, bottom = square.left, square.top, square.left + square.side, square.top + square.side
    inside = frame[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if inside.size == 0:
        return frame
    if inside.shape[:2] != (square.side, square.side):
        beyond = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
        inside = np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)
    return inside


def picture_of(frame: Image, square: Square, contract: Contract) -> Image:
    """What the network gets to see: the square of a BGR frame as a (height, width, 3) uint8 RGB picture."""
    return frame_to_picture(cut(frame, square), contract)
