"""What can be wrong between a camera's frame and the network's input, each as a second, faulty way to prepare it.

These are written apart from `signs_edge.edge.inference.preprocess` and from the classifier's tables on purpose: they say what a
device with that one fault would do, whatever has become of the real functions on this device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import Contract

Cut = Callable[[Image], Image]
"""A (height, width, 3) uint8 frame to the part of it that is resized."""


@dataclass(frozen=True)
class PreparationFault:
    """One way to prepare a frame.

    Attributes:
        name: what is wrong, for people; empty for the right way.
        cut: which part of the frame is used.
        interpolation: OpenCV's flag.
        swapped: whether the picture is BGR instead of RGB.
        mirrored: whether left is right.
        divisions: how often uint8 values are divided by the contract's divisor; once is right.
    """

    name: str
    cut: Cut
    interpolation: int = cv2.INTER_AREA
    swapped: bool = False
    mirrored: bool = False
    divisions: int = 1

    @property
    def before_picture(self) -> bool:
        """Whether it can only happen before the picture is made, and so shows in it."""
        return self.cut is not middle or self.interpolation != cv2.INTER_AREA

    def picture(self, frame: Image, contract: Contract) -> Image:
        """Of a (height, width, 3) uint8 BGR frame: the uint8 picture at the contract's size, RGB unless swapped."""
        part = self.cut(frame)
        size = (contract.width, contract.height)
        if part.shape[1::-1] != size:
            part = cv2.resize(part, size, interpolation=self.interpolation).astype(np.uint8, copy=False)
        if self.mirrored:
            part = part[:, ::-1]
        return np.ascontiguousarray(part if self.swapped else part[..., ::-1])

    def scaled(self, picture: Image, contract: Contract) -> npt.NDArray[np.float64]:
        """The picture's values as the float network would get them: 0..1 where divided once."""
        return picture / contract.divisor**self.divisions


def middle(frame: Image) -> Image:
    """The contract's crop: the largest square about the centre."""
    return _square(frame, 0.5)


def _square(frame: Image, place: float) -> Image:
    """The largest square, at the start (0), the middle (0.5) or the end (1) of the longer side."""
    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = int((height - side) * place), int((width - side) * place)
    return frame[top : top + side, left : left + side]


def _inner(frame: Image) -> Image:
    """The middle seven eighths of the centre square, as of a crop with a margin (the 224 of 256 of ImageNet)."""
    square = middle(frame)
    margin = len(square) // 16
    return square[margin : len(square) - margin, margin : len(square) - margin]


def _letterbox(frame: Image) -> Image:
    """The whole frame in a square, with black bars."""
    height, width = frame.shape[:2]
    side = max(height, width)
    whole = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    whole[top : top + height, left : left + width] = frame
    return whole


RIGHT = PreparationFault("", middle)
"""No fault: as the contract has it."""

FAULTS = (
    PreparationFault("swapped colours (BGR where the model wants RGB)", middle, swapped=True),
    PreparationFault("mirrored (left is right)", middle, mirrored=True),
    PreparationFault("double /255 (the values are divided twice)", middle, divisions=2),
    PreparationFault("missing /255 (the values are not divided)", middle, divisions=0),
    PreparationFault("other crop (the whole frame, squeezed)", lambda frame: frame),
    PreparationFault("other crop (the whole frame between black bars)", _letterbox),
    PreparationFault("other crop (the square at the frame's start, not its centre)", lambda frame: _square(frame, 0.0)),
    PreparationFault("other crop (the square at the frame's end, not its centre)", lambda frame: _square(frame, 1.0)),
    PreparationFault("other crop (the inner part of the centre square)", _inner),
    PreparationFault("other interpolation (nearest, not area)", middle, cv2.INTER_NEAREST),
    PreparationFault("other interpolation (linear, not area)", middle, cv2.INTER_LINEAR),
    PreparationFault("other interpolation (cubic, not area)", middle, cv2.INTER_CUBIC),
    PreparationFault("other interpolation (Lanczos, not area)", middle, cv2.INTER_LANCZOS4),
)
"""Single faults that a replay can name."""
