"""What is behind a hand: walls, flat colours, gradients, soft textures, clutter."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image


def draw_backdrop(rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """A random backdrop.

    Args:
        rng: the only source of chance.
        size: (height, width).

    Returns:
        RGB (height, width, 3) uint8.
    """
    picture = KINDS[int(np.searchsorted(UP_TO, rng.random(), side="right"))](rng, size)
    return np.asarray(picture.clip(0, 255), dtype=np.uint8)


Canvas = npt.NDArray[np.float32]


def in_rgb(grey: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(height, width) as (height, width, 3): quicker than to let numpy broadcast along an axis of three."""
    return cv2.merge((grey, grey, grey))


def _colour(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """RGB 0..255, more often greyish than bright."""
    return np.asarray(_colours(rng, 1)[0], dtype=np.float64)


def _colours(rng: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
    """(n, 3) such colours."""
    grey, tint = rng.uniform((15, 3), (240, 38), (n, 2)).T[..., None]
    colours: npt.NDArray[np.float64] = np.minimum(np.maximum(grey + rng.standard_normal((n, 3)) * tint, 0), 255)
    return colours


def _fill(colour: npt.NDArray[np.float64], size: tuple[int, int]) -> Canvas:
    row = np.tile(colour.astype(np.float32), size[1])
    return np.asarray(np.tile(row, (size[0], 1)).reshape(*size, 3), dtype=np.float32)


def _ramp(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    """(height, width, 3) from -1 to 1 or less, rising in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, size[1], dtype=np.float32) * np.float32(np.cos(angle))
    y = np.linspace(-1, 1, size[0], dtype=np.float32) * np.float32(np.sin(angle))
    ramp = (x + y[:, None]) / (abs(np.cos(angle)) + abs(np.sin(angle)))
    return np.asarray(in_rgb(ramp), dtype=np.float32)


def _wall(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    """A light wall as in SIGNS, a little darker to one side."""
    colour = rng.uniform(165, 232) * np.array([1.0, rng.uniform(0.96, 1.0), rng.uniform(0.9, 1.0)])
    return _fill(colour, size) + _ramp(rng, size) * np.float32(rng.uniform(2, 28))


def _flat(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    return _fill(_colour(rng), size)


def _gradient(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    share = 0.5 + 0.5 * _ramp(rng, size)
    return _fill(_colour(rng), size) * share + _fill(_colour(rng), size) * (1 - share)


def _texture(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    """Noise of several grains, in grey and a little in colour."""
    canvas = _fill(_colour(rng), size)
    soft = np.zeros((1, 1, 3), dtype=np.float32)
    for cells in (2, 4, 9, 20):  # each grain over the coarser ones, so that one resize only is a large one
        grey, tint = rng.standard_normal((cells, cells, 1)), rng.standard_normal((cells, cells, 3))
        grain = (grey + 0.25 * tint) * (rng.uniform(4, 50) / np.sqrt(cells))
        soft = cv2.resize(soft, (cells, cells), interpolation=cv2.INTER_CUBIC) + grain.astype(np.float32)
    canvas += cv2.resize(soft, size[::-1], interpolation=cv2.INTER_CUBIC)
    return canvas


def _clutter(rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """Boxes, discs and bars out of focus: shelves, lamps, door frames."""
    canvas = _fill(_colour(rng), size).astype(np.uint8)
    tall, wide = size
    side = max(size)
    number = int(rng.integers(4, 14))
    colours = _colours(rng, number).tolist()
    # all shapes' chances at once: a call for each would take longer than to draw them
    for colour, (kind, x, y, w, h, more, other, thin) in zip(colours, rng.random((number, 8)).tolist(), strict=True):
        middle = (int((1.2 * x - 0.1) * wide), int((1.2 * y - 0.1) * tall))
        w, h = int((0.05 + 0.45 * w) * side), int((0.05 + 0.45 * h) * side)
        if kind < 1 / 3:
            cv2.rectangle(canvas, (middle[0] - w // 2, middle[1] - h // 2, w, h), colour, -1)
        elif kind < 2 / 3:
            cv2.ellipse(canvas, middle, (w // 2 + 1, h // 2 + 1), 180 * more, 0, 360, colour, -1)
        else:
            far = (int((1.4 * more - 0.2) * wide), int((1.4 * other - 0.2) * tall))
            cv2.line(canvas, middle, far, colour, max(1, side // int(12 + 28 * thin)))
    kernel = 2 * round(float(rng.uniform(0.01, 0.06)) * side) + 1
    return np.asarray(cv2.stackBlur(canvas, (kernel, kernel)), dtype=np.uint8)


KINDS = (_wall, _flat, _gradient, _texture, _clutter)
UP_TO = np.cumsum([0.32, 0.10, 0.14, 0.20])  # the shares of all but the last
