"""How a camera frame becomes a picture for the network. Training and export use these very functions."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images
from signs_edge.edge.bundle.contract import Contract


def centre_square(frame: Image) -> Image:
    """The largest square about the centre of a (height, width, 3) frame, as a view."""
    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return frame[top : top + side, left : left + side]


def fit_square(picture: Image, contract: Contract) -> Image:
    """Centre-square crop and area interpolation to the contract's size; the colour order stays as it is."""
    square = centre_square(picture)
    if square.shape[:2] == (contract.height, contract.width):
        return square
    return cv2.resize(square, (contract.width, contract.height), interpolation=cv2.INTER_AREA).astype(
        "uint8", copy=False
    )


def fit_whole(frame: Image, contract: Contract) -> tuple[Image, float, int, int]:
    """The whole frame at the contract's size, whatever its shape.

    Returns:
        The (height, width, 3) uint8 picture in the frame's colour order, its scale (pixels of it per pixel of the
        frame), and the columns and rows that were added left and above.
    """
    height, width = frame.shape[:2]
    scale = min(contract.height / height, contract.width / width)
    size = (min(contract.width, max(1, round(width * scale))), min(contract.height, max(1, round(height * scale))))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    left, top = (contract.width - size[0]) // 2, (contract.height - size[1]) // 2
    right, bottom = contract.width - size[0] - left, contract.height - size[1] - top
    if left or top or right or bottom:
        small = cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return small.astype("uint8", copy=False), scale, left, top


def frame_to_picture(frame: Image, contract: Contract) -> Image:
    """A camera frame, (height, width, 3) uint8 in OpenCV's BGR, as the network's (height, width, 3) uint8 RGB picture."""
    return cv2.cvtColor(fit_square(frame, contract), cv2.COLOR_BGR2RGB).astype("uint8", copy=False)


def scale_table(contract: Contract) -> npt.NDArray[np.float32]:
    """(256,) float32 table from an uint8 value to the float network's input, 0..1."""
    return (np.arange(256) / contract.divisor).astype(np.float32)


def scale_pictures(pictures: Images, contract: Contract) -> npt.NDArray[np.float32]:
    """(..., height, width, 3) uint8 RGB pictures as the float network's input: float32 in 0..1, the same shape."""
    return scale_table(contract)[pictures]
