"""How alike two pictures are, seen past light, compression, a small shift or zoom, and the mirror."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images

Floats: TypeAlias = npt.NDArray[np.float32]

SKETCH = 16  # pixels a side
SKETCH_BLUR = 3.0  # standard deviation in pixels of the 64
MOVES = ((0.0, 0.0), (1.5, 1.5), (1.5, -1.5), (-1.5, 1.5), (-1.5, -1.5))  # pixels of the 64, so that a shift is met
CORRELATION = 0.965  # of two sketches, from which on a pair is looked at closely
CONTRAST = 4.0  # standard deviation of a sketch in grey levels, below which there is no structure to tell a copy by
PARTNERS = 16  # closest looks per picture at most: many frames before one wall all look alike from afar
SHIFT = 4  # pixels that two copies may lie apart in each direction
ZOOMS = (1.0, 0.95, 0.975, 1.025, 1.05)
BLUR = 1.2  # standard deviation in pixels; takes away what JPEG and noise add, and leaves what a moved finger does
UNALIGNED_SHARE = 0.25  # what this blur leaves of the squared difference of two copies: on SIGNS a quarter to a third
HOPELESS = 150.0  # squared grey levels that the best shift without zoom may leave, for zooms to be tried
CLIPPED = 250  # levels; brighter ones are cut off by a change of light and cannot be compared
_BLOCK = 1024  # sketches that are compared with all others at once
_GREY = np.array([0.299, 0.587, 0.114], np.float32)  # of RGB, ITU-R BT.601


@dataclass(frozen=True)
class Sketches:
    """What pictures look like from afar.

    Attributes:
        plain: (n, 256) float32, grey values of the blurred 16×16 picture, without their mean, of length 1.
        moved: (10, n, 256) float32, the same of the picture and its mirror image, each as it is and moved diagonally;
            the first five are not mirrored.
        structured: (n,) bool; False where there is no contrast, and the sketch says nothing.
    """

    plain: Floats
    moved: Floats
    structured: npt.NDArray[np.bool_]


def sketch(images: Images) -> Sketches:
    """Sketches of (n, height, width, 3) uint8 RGB pictures."""
    small = np.empty((len(MOVES), len(images), SKETCH, SKETCH), np.float32)
    for i, image in enumerate(images):
        blurred = cv2.GaussianBlur(_grey(image.astype(np.float32)), (0, 0), SKETCH_BLUR)
        for move, (x, y) in enumerate(MOVES):
            matrix: Any = np.array([[1, 0, x], [0, 1, y]], np.float32)
            size = (blurred.shape[1], blurred.shape[0])
            moved = cv2.warpAffine(blurred, matrix, size, borderMode=cv2.BORDER_REPLICATE) if x else blurred
            small[move, i] = cv2.resize(moved, (SKETCH, SKETCH), interpolation=cv2.INTER_AREA)
    small -= small.mean(axis=(2, 3), keepdims=True)
    spread = small.std(axis=(2, 3), keepdims=True)
    small /= np.maximum(spread, 1e-6) * SKETCH
    both = np.concatenate([small, small[..., ::-1]]).reshape(2 * len(MOVES), len(images), SKETCH * SKETCH)
    return Sketches(np.ascontiguousarray(both[0]), both, spread[0, :, 0, 0] >= CONTRAST)


def candidates(first: Sketches, second: Sketches | None = None) -> Iterator[tuple[int, int, bool]]:
    """Pairs that may be copies: index in the first, index in the second, and whether the mirrored one is nearer.

    Args:
        first: of which each has at most `PARTNERS`, the most alike.
        second: None to compare the first with itself, each pair once, the smaller index first.
    """
    others = first if second is None else second
    for start in range(0, len(first.plain), _BLOCK):
        rows = slice(start, start + _BLOCK)
        left = start if second is None else 0  # what lies before has had its turn
        columns = others.plain[left:].T
        plain, mirrored = (
            np.maximum.reduce([moved[rows] @ columns for moved in moves]) for moves in np.split(first.moved, 2)
        )
        best = np.maximum(plain, mirrored)
        best[~first.structured[rows]] = 0
        best[:, ~others.structured[left:]] = 0
        if second is None:
            best = np.triu(best, 1)
        i, j = np.nonzero(best > CORRELATION)
        order = np.lexsort((j, -best[i, j], i))
        i, j = i[order], j[order]
        kept = np.arange(len(i)) - np.searchsorted(i, i) < PARTNERS
        for row, column in zip(i[kept].tolist(), j[kept].tolist(), strict=True):
            yield start + row, left + column, bool(mirrored[row, column] > plain[row, column])


def distance(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], mirrored: bool = False) -> float:
    """How far two (height, width, 3) uint8 RGB pictures of one size are from being copies, in squared grey levels.

    The smaller one of two: a quarter of their mean squared difference as they are; and the mean squared difference
    that is left when both are blurred, and one is shifted, zoomed and, channel by channel, lit to fit the other.
    With variances v and w and correlation r over the pixels that are not blown out, the latter is
    max(v, w) · (1 − r²), averaged over the channels.

    Args:
        first: a picture.
        second: a picture.
        mirrored: mirror the first before it is fitted.
    """
    unaligned = UNALIGNED_SHARE * cv2.norm(first, second, cv2.NORM_L2SQR) / first.size
    raw = first[:, ::-1] if mirrored else first
    fitted = _fit(_blurred(raw), _blurred(second))
    return unaligned if fitted is None else min(unaligned, _residual(*fitted))


def _fit(a: Floats, b: Floats) -> tuple[Floats, Floats] | None:
    """The inner part of `a`, zoomed, and the part of `b` that correlates best with it, (h, w, 3) both; None if none does."""
    grey_a, grey_b = _grey(a), _grey(b)
    height, width = grey_a.shape
    inner = (slice(SHIFT, height - SHIFT), slice(SHIFT, width - SHIFT))
    hopeless = 1 - HOPELESS / max(float(grey_a[inner].var()), 1e-6)
    best, zoom, place = -2.0, 1.0, (0, 0)
    for tried in ZOOMS:
        found = cv2.matchTemplate(grey_b, np.ascontiguousarray(_zoomed(grey_a, tried)[inner]), cv2.TM_CCOEFF_NORMED)
        _, value, _, (x, y) = cv2.minMaxLoc(found)
        if value > best:
            best, zoom, place = value, tried, (y, x)
        if best * abs(best) < hopeless:
            return None
    part = _zoomed(a, zoom)[inner]
    top, left = place
    return part, b[top : top + part.shape[0], left : left + part.shape[1]]


def _residual(a: Floats, b: Floats) -> float:
    kept = (a.max(axis=2) < CLIPPED) & (b.max(axis=2) < CLIPPED)
    if kept.mean() < 0.25:  # hardly anything to judge by
        kept[:] = True
    p, q = a[kept], b[kept]
    p, q = p - p.mean(axis=0), q - q.mean(axis=0)
    v, w, covariance = (np.einsum("nc,nc->c", x, y) / len(p) for x, y in ((p, p), (q, q), (p, q)))
    r = covariance / np.maximum(np.sqrt(v * w), 1e-6)
    return float(np.mean(np.maximum(v, w) * (1 - r * np.abs(r))))  # a negative is no copy


def _blurred(picture: npt.NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), BLUR), np.float32)


def _zoomed(picture: Floats, zoom: float) -> Floats:
    if zoom == 1:
        return picture
    height, width = picture.shape[:2]
    matrix: Any = np.array(
        [[zoom, 0, (width - 1) / 2 * (1 - zoom)], [0, zoom, (height - 1) / 2 * (1 - zoom)]], np.float32
    )
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.float32)


def _grey(picture: Floats) -> Floats:
    return np.ascontiguousarray(picture @ _GREY)
