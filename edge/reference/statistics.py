"""Numbers that say what a picture is like, whatever hand it shows: light, colour, sharpness, which way it is turned."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Probabilities
from signs_edge.edge.errors import UsageError

Floats = npt.NDArray[np.float64]

LIGHT = ("brightness", "contrast", "sharpness", "red against blue", "green", "border", "border contrast")
TURNS = ("mirrored", "upside down", "turned left", "turned right")
PICTURE = LIGHT + TURNS
"""Statistics of the picture alone."""
FLOAT = ("float confidence", "float margin")
"""Of the float twin's answer."""
INT8 = ("int8 confidence",)
PAIR = ("relative distance", "confidence shift")
"""Of both answers to one picture p and q, q the float twin's: ½Σ|p − q| / (1 − max q + `DOUBT`), the total variation in units of
what float leaves open, so that it is about the same on easy pictures and on hard ones; and max p − max q."""
DOUBT = 0.01
STATISTICS = PICTURE + FLOAT + INT8 + PAIR

SMALL = 16  # pixels of the side of the small picture that light and turns are seen on
THUMB = 12  # the same, brought down further once the hand is in its middle
PIXELS = 3 * THUMB * THUMB + 2  # of a thumbnail, and where its hand was
RIDGE = 0.3  # of the discriminants, in units of a standardized pixel's variance
_BORDER = np.flatnonzero(np.pad(np.zeros((SMALL - 4, SMALL - 4)), 2, constant_values=1))
_LUMA = np.array([0.299, 0.587, 0.114])
_RIM = np.zeros((SMALL, SMALL), np.float32)
_RIM[0], _RIM[: SMALL * 3 // 4, 0], _RIM[: SMALL * 3 // 4, -1] = 1, 1, 1
_RIM = _RIM.reshape(-1) / _RIM.sum()
_REDNESS, _EACH = np.array([1.0, -0.5, -0.5], np.float32), np.ones(3, np.float32)
_MEAN = np.full(SMALL * SMALL, 1 / SMALL**2, np.float32)
_MIDDLE, _ZOOM = (THUMB - 1) / 2, THUMB / SMALL  # _ZOOM: the whole small picture, were its middle the hand's
_FROM_MIDDLE = np.arange(SMALL, dtype=np.float32) - (SMALL - 1) / 2
_PLACE = np.stack([np.tile(_FROM_MIDDLE, SMALL), np.repeat(_FROM_MIDDLE, SMALL), np.ones(SMALL * SMALL)]).astype(
    np.float32
)


def picture_statistics(picture: Image, templates: Floats) -> Floats:
    """Of one picture.

    Args:
        picture: (height, width, 3) uint8 RGB.
        templates: (4, 434) of `turn_templates`.

    Returns:
        (11,) float64, in the order of `PICTURE`. Brightness, contrast and border in grey levels 0..255; sharpness is
        ln of the Laplacian's standard deviation over the contrast; colours are ln of a ratio of channel means; turns
        are discriminants, lower the more a picture looks turned that way.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    mean, deviation = cv2.meanStdDev(grey)
    laplacian = cv2.Laplacian(grey, cv2.CV_16S)
    edges = cv2.meanStdDev(laplacian)[1]
    small = cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    red, green, blue, _ = cv2.mean(small)
    rim = small.reshape(-1, 3)[_BORDER] @ _LUMA
    contrast, border = float(deviation[0, 0]), float(rim.sum()) / rim.size
    light = (
        float(mean[0, 0]),
        contrast,
        math.log((edges[0, 0] + 1) / (contrast + 1)),
        math.log((red + 4) / (blue + 4)),
        math.log((2 * green + 8) / (red + blue + 8)),
        border,
        math.sqrt(max(0.0, float(rim @ rim) / rim.size - border**2)),
    )
    return np.concatenate((light, templates @ _thumbnail(small, laplacian)))


def thumbnail(picture: Image) -> Floats:
    """(434,) what a picture's hand looks like in three ways, 12×12 each, each with mean 0 and deviation 1; and where it is.

    Red against green and blue; how far each colour is from the rim's mean colour, the lower rim left out, where the arm
    comes in; how much fine structure there is. What is farther than the mean from the rim's colour is taken for the
    hand and brought to the middle: a hand and its mirror image differ by the side of the thumb, and that shows only
    where both lie in the same place. The last two numbers are the place, x and y from the middle in eighths of the side.
    """
    small = cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return _thumbnail(small, cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_16S))


def _thumbnail(small: npt.NDArray[Any], laplacian: npt.NDArray[Any]) -> Floats:
    # `mean` and `std` of numpy would take longer here than all the rest
    pixels = small.reshape(-1, 3).astype(np.float32)
    far = np.abs(pixels - _RIM @ pixels) @ _EACH
    fine = cv2.resize(cv2.convertScaleAbs(laplacian), (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    planes = np.empty((SMALL * SMALL, 3), np.float32)
    planes[:, 0], planes[:, 1], planes[:, 2] = pixels @ _REDNESS, far, fine.reshape(-1)
    hand = np.maximum(far - float(_MEAN @ far), 0)
    x, y, size = (_PLACE @ hand).tolist()
    x, y = x / (size + 1e-3), y / (size + 1e-3)
    left, top = (_MIDDLE - _ZOOM * (place + (SMALL - 1) / 2) for place in (x, y))
    to_middle = np.array([[_ZOOM, 0, left], [0, _ZOOM, top]])
    moved = cv2.warpAffine(
        planes.reshape(SMALL, SMALL, 3), to_middle, (THUMB, THUMB),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    mean, deviation = cv2.meanStdDev(moved)
    found = np.empty(PIXELS)
    found[:-2] = ((moved - mean[:, 0]) / (deviation[:, 0] + 2.0)).reshape(-1)  # grey levels of a plain picture's noise
    found[-2], found[-1] = x * 8 / SMALL, y * 8 / SMALL
    return found


def turned(pictures: Images, turn: str) -> Images:
    """(n, side, side, 3) pictures as a camera gives them that is turned so; `turn` is one of `TURNS`."""
    if turn == "mirrored":
        return pictures[:, :, ::-1]
    quarters = {"turned left": 1, "upside down": 2, "turned right": 3}.get(turn)
    if quarters is None:
        raise UsageError(f"turn {turn!r} is not known: give one of {', '.join(TURNS)}")
    return np.rot90(pictures, quarters, axes=(1, 2))


def turn_templates(pictures: Images) -> Floats:
    """Directions in which pictures and the same pictures turned differ most: Fisher's linear discriminant with a ridge.

    w = (C + RIDGE·I)⁻¹ (mean of the thumbnails − mean of the turned ones), C their pooled covariance; scaled to length 1.

    Args:
        pictures: (n, side, side, 3) uint8 RGB, as the camera should give them; n at least 2.

    Returns:
        (4, 434) float64, in the order of `TURNS`.
    """
    upright = np.stack([thumbnail(picture) for picture in pictures])
    templates = []
    for turn in TURNS:
        others = np.stack([thumbnail(np.ascontiguousarray(picture)) for picture in turned(pictures, turn)])
        pooled = (np.cov(upright.T) + np.cov(others.T)) / 2
        way = np.linalg.solve(pooled + RIDGE * np.eye(len(pooled)), upright.mean(axis=0) - others.mean(axis=0))
        templates.append(way / max(float(np.linalg.norm(way)), 1e-9))
    return np.stack(templates)


def answer_statistics(int8: Probabilities, float32: Probabilities | None) -> dict[str, float]:
    """Statistics of the answers to one picture, (classes,) each in 0..1; those of the twin only where it saw it.

    "score distance", the total variation itself, is there beside `FLOAT`, `INT8` and `PAIR`.
    """
    sure = float(int8.max())
    values: dict[str, Any] = {"int8 confidence": sure}
    if float32 is not None:
        second, first = np.partition(float32, -2)[-2:].tolist()
        values["float confidence"], values["float margin"] = first, first - second
        values["score distance"] = min(1.0, float(np.abs(int8 - float32).sum()) / 2)
        values["relative distance"] = values["score distance"] / (1 + DOUBT - first)
        values["confidence shift"] = sure - first
    return values
