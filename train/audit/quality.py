"""Sharpness and exposure of single pictures."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images

Scored: TypeAlias = list[tuple[int, float]]
"""Indices of pictures with their scores, the worst first."""

OUTLIER = 3.5  # modified z-score, after Iglewicz and Hoaglin, "How to detect and handle outliers", 1993
DARK = 50  # median grey level below which a picture is underexposed
CLIPPED = 250  # grey level from which a pixel is blown out
BLOWN = 0.5  # share of such pixels from which a picture is overexposed


def sharpness(images: Images) -> npt.NDArray[np.float64]:
    """Variance of the Laplacian of each (h, w, 3) uint8 RGB picture: (n,) float64, in squared grey levels.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
    """
    return np.array([cv2.Laplacian(_grey(image), cv2.CV_64F).var() for image in images], np.float64)


def blur_outliers(images: Images) -> Scored:
    """Pictures far less sharp than the others: the logarithm of `sharpness` has a modified z-score below −3.5."""
    values = sharpness(images)
    if len(values) == 0:
        return []
    logs = np.log(values + 1e-3)
    deviations = logs - np.median(logs)
    spread = max(float(np.median(np.abs(deviations))), 1e-6)
    return _worst(0.6745 * deviations / spread < -OUTLIER, values)


def underexposed(images: Images) -> Scored:
    """Pictures whose median grey level is below `DARK`, which is the score."""
    medians = np.array([np.median(_grey(image)) for image in images], np.float64)
    return _worst(medians < DARK, medians)


def overexposed(images: Images) -> Scored:
    """Pictures of whose pixels more than `BLOWN` are at `CLIPPED` or above; the share is the score."""
    shares = np.array([(_grey(image) >= CLIPPED).mean() for image in images], np.float64)
    return _worst(shares > BLOWN, shares, largest=True)


def _worst(chosen: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], largest: bool = False) -> Scored:
    indices = np.flatnonzero(chosen)
    order = indices[np.argsort(-scores[indices] if largest else scores[indices], kind="stable")]
    return [(int(i), float(scores[i])) for i in order]


def _grey(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
