"""Numbers that say what a picture is like, whatever hand it shows: light, colour, sharpness, which way it is turned."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import UsageError
from signs_edge.edge.images import Image, Images, Probabilities

Floats = npt.NDArray[np.float64]

LIGHT = ("brightness", "contrast", "sharpness", "red against blue", "green", "border", "border contrast")
TURNS = ("mirrored", "upside down", "turned left", "turned right")
PICTURE = LIGHT + TURNS
"""Statistics of the picture alone."""
FLOAT = ("float confidence", "float margin")
"""Of the float twin's answer."""
INT8 = ("int8 confidence",)
PAIR = ("score distance", "confidence shift")
"""Of both answers to one picture: total variation ½Σ|p − q|, and int8's highest probability less float's."""
STATISTICS = PICTURE + FLOAT + INT8 + PAIR

THUMB = 8  # pixels of the side of the small picture that turns are seen on
RIDGE = 0.3  # of the discriminants, in units of a standardized pixel's variance
_BORDER = np.ones((16, 16), bool)
_BORDER[2:-2, 2:-2] = False
_LUMA = np.array([0.299, 0.587, 0.114])
_REDNESS = np.array([1.0, -0.5, -0.5])
_RIM = np.zeros((THUMB, THUMB))
_RIM[0], _RIM[:-2, 0], _RIM[:-2, -1] = 1, 1, 1
_RIM = _RIM.reshape(-1) / _RIM.sum()


def picture_statistics(picture: Image, templates: Floats) -> Floats:
    """Of one picture.

    Args:
        picture: (height, width, 3) uint8 RGB.
        templates: (4, 192) of `turn_templates`.

    Returns:
        (11,) float64, in the order of `PICTURE`. Brightness, contrast and border in grey levels 0..255; sharpness is
        ln of the Laplacian's standard deviation over the contrast; colours are ln of a ratio of channel means; turns
        are discriminants, lower the more a picture looks turned that way.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    mean, deviation = cv2.meanStdDev(grey)
    laplacian = cv2.Laplacian(grey, cv2.CV_16S)
    edges = cv2.meanStdDev(laplacian)[1]
    small = cv2.resize(picture, (16, 16), interpolation=cv2.INTER_AREA)
    red, green, blue, _ = cv2.mean(small)
    rim = (small @ _LUMA)[_BORDER]
    contrast, border = float(deviation[0, 0]), float(rim.mean())
    light = (
        float(mean[0, 0]),
        contrast,
        float(np.log((edges[0, 0] + 1) / (contrast + 1))),
        float(np.log((red + 4) / (blue + 4))),
        float(np.log((2 * green + 8) / (red + blue + 8))),
        border,
        float(np.sqrt(max(0.0, float(rim @ rim) / rim.size - border**2))),
    )
    return np.concatenate((light, templates @ _thumbnail(picture, laplacian)))


def thumbnail(picture: Image) -> Floats:
    """(192,) where a picture's hand is, in three ways, 8×8 each, each with mean 0 and deviation 1.

    Red against green and blue; how far each colour is from the rim's mean colour, the lower rim left out, where the arm
    comes in; how much fine structure there is.
    """
    return _thumbnail(picture, cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_16S))


def _thumbnail(picture: Image, laplacian: npt.NDArray[Any]) -> Floats:
    small = cv2.resize(picture, (THUMB, THUMB), interpolation=cv2.INTER_AREA).astype(np.float64)
    planes = np.empty((3, THUMB * THUMB))
    planes[0] = (small @ _REDNESS).reshape(-1)
    pixels = small.reshape(-1, 3)
    planes[1] = np.abs(pixels - _RIM @ pixels).sum(axis=1)
    fine = cv2.convertScaleAbs(laplacian)
    planes[2] = cv2.resize(fine, (THUMB, THUMB), interpolation=cv2.INTER_AREA).reshape(-1)
    planes -= planes.mean(axis=1, keepdims=True)
    planes /= np.sqrt((planes * planes).mean(axis=1, keepdims=True)) + 2.0  # grey levels of a plain picture's noise
    return planes.reshape(-1)


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
        (4, 192) float64, in the order of `TURNS`.
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
    """Statistics of the answers to one picture, (classes,) each in 0..1; those of the twin only where it saw it."""
    sure = float(int8.max())
    values: dict[str, Any] = {"int8 confidence": sure}
    if float32 is not None:
        second, first = np.partition(float32, -2)[-2:].tolist()
        values["float confidence"], values["float margin"] = first, first - second
        values["score distance"] = min(1.0, float(np.abs(int8 - float32).sum()) / 2)
        values["confidence shift"] = sure - first
    return values
