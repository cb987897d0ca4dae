"""Pictures and boxes through an affine map: zoom, turn, stretch, mirror."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.train.rooms.frame import Box

Matrix = npt.NDArray[np.float64]
"""(2, 3): x' = a·x + b·y + c and y' = d·x + e·y + f, in pixels."""


def about(centre: tuple[float, float], to: tuple[float, float], linear: npt.NDArray[np.float64]) -> Matrix:
    """The map with a (2, 2) linear part that brings one point to another."""
    return np.column_stack([linear, np.asarray(to) - linear @ np.asarray(centre)])


def turned(zoom: float, angle: float, aspect: float = 1.0, *, mirror: bool = False) -> npt.NDArray[np.float64]:
    """(2, 2): a zoom, a stretch of the width by `aspect` and of the height by its inverse, then a turn in radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    flip = -1.0 if mirror else 1.0
    return np.asarray([[cosine, -sine], [sine, cosine]]) @ np.diag([flip * zoom * aspect, zoom / aspect])


def warp(picture: Image, matrix: Matrix, size: tuple[int, int], beyond: Image | None = None) -> Image:
    """A (h, w, channels) uint8 picture through the map, sampled without aliasing.

    Args:
        picture: what is mapped.
        matrix: from its pixels to the result's.
        size: height and width of the result.
        beyond: (height, width, channels) that is seen where the picture ends; None carries its border on.
    """
    height, width = size
    matrix = matrix.copy()
    border = cv2.BORDER_REPLICATE
    inside = np.full(picture.shape[:2], 255, np.uint8) if beyond is not None else None
    whole = matrix.copy()
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    while zoom < 0.6:
        rows, columns = max(1, picture.shape[0] // 2), max(1, picture.shape[1] // 2)
        picture = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        matrix[:, :2] *= 2
        zoom *= 2
    warped = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border)
    mapped = np.asarray(warped, np.uint8)
    if beyond is not None and inside is not None:
        seen = cv2.warpAffine(inside, whole, (width, height), flags=cv2.INTER_NEAREST)
        mapped[seen == 0] = beyond[seen == 0]
    return mapped


def map_box(box: Box, matrix: Matrix) -> Box:
    """The upright box about a mapped one; a turned box is taken for an ellipse's, or it would grow with each turn."""
    left, top, right, bottom = box
    centre = matrix[:, :2] @ [(left + right) / 2, (top + bottom) / 2] + matrix[:, 2]
    half = np.asarray([(right - left) / 2, (bottom - top) / 2])
    # The support of an ellipse along each axis: sqrt of the sum of squares, where a rectangle has the sum.
    reach = np.sqrt(((matrix[:, :2] * half) ** 2).sum(axis=1))
    low, high = centre - reach, centre + reach
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def overlap(first: Box, second: Box) -> float:
    """Area that two boxes share, in pixels squared."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def area(box: Box) -> float:
    """Area of a box, in pixels squared."""
    return (box[2] - box[0]) * (box[3] - box[1])
