"""A drawn hand laid into a picture, lit a little as the picture is."""

from __future__ import annotations

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.train.rooms.drawn import DrawnHand
from signs_edge.train.rooms.geometry import Matrix

_OPAQUE = 200  # from there on, a pixel is the hand's own colour
_GAIN = (0.4, 1.6)  # least and greatest change of a hand's lightness
_TINT = (0.8, 1.25)


def paste(picture: Image, drawn: DrawnHand, matrix: Matrix, rng: np.random.Generator) -> Image:
    """The picture with the hand in it.

    Args:
        picture: (h, w, 3) uint8 RGB; stays as it is.
        drawn: the hand.
        matrix: from its pixels to the picture's.
        rng: says how much of the picture's light the hand takes.

    Returns:
        (h, w, 3) uint8 RGB.
    """
    size = (picture.shape[1], picture.shape[0])
    opacity = drawn.alpha.astype(np.float32) / np.float32(255)
    layer = np.dstack([drawn.colour.astype(np.float32) * opacity[..., np.newaxis], opacity])
    matrix = matrix.copy()
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    while zoom < 0.6:  # averaged, not sampled
        layer = cv2.resize(layer, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= 2
        zoom *= 2
    laid = cv2.warpAffine(layer, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    there = picture.astype(np.float32) * (1 - laid[..., 3:])
    return np.clip(there + laid[..., :3] * _light(picture, drawn, rng), 0, 255).astype(np.uint8)


def _light(picture: Image, drawn: DrawnHand, rng: np.random.Generator) -> Image:
    """(3,) factors that bring the hand's lightness and tint some of the way to the picture's."""
    around = np.asarray(cv2.mean(picture)[:3]) + 1e-3
    own = max(1.0, float(np.mean(cv2.mean(drawn.colour, (drawn.alpha > _OPAQUE).astype(np.uint8))[:3])))
    share = rng.uniform(0, 0.8)
    lightness = np.clip((share * around.mean() + (1 - share) * own) / own, *_GAIN)
    tint = np.clip(1 + 0.35 * rng.random() * (around / around.mean() - 1), *_TINT)
    return np.asarray(lightness * tint, np.float32)
