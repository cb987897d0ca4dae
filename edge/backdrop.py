"""What is behind a hand: walls, flat colours, gradients, soft textures, clutter."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.images import Image


def draw_backdrop(rng: np.random.Generator, size: tuple[int, int]) -> Image:
    """A random backdrop.

    Args:
        rng: the only source of chance.
        size: (height, width).

    Returns:
        RGB (height, width, 3) uint8.
    """
    picture = KINDS[int(np.searchsorted(UP_TO, rng.random(), side="right"))](rng, size)
    return np.clip(picture, 0, 255).astype(np.uint8)


Canvas = npt.NDArray[np.float32]


def _colour(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """RGB 0..255, more often greyish than bright."""
    return np.clip(rng.uniform(15, 240) + rng.normal(0, 1, 3) * rng.uniform(3, 38), 0, 255)


def _fill(colour: npt.NDArray[np.float64], size: tuple[int, int]) -> Canvas:
    return np.broadcast_to(colour.astype(np.float32), (*size, 3)).copy()


def _ramp(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    """(height, width, 1) from -1 to 1 or less, rising in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, size[1], dtype=np.float32) * np.float32(np.cos(angle))
    y = np.linspace(-1, 1, size[0], dtype=np.float32) * np.float32(np.sin(angle))
    ramp = (x + y[:, None]) / (abs(np.cos(angle)) + abs(np.sin(angle)))
    return np.asarray(ramp[..., None], dtype=np.float32)


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
    for cells in (2, 4, 9, 20):
        grain = rng.normal(0, 1, (cells, cells, 1)) + 0.25 * rng.normal(0, 1, (cells, cells, 3))
        soft = cv2.resize(grain.astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
        canvas += soft * np.float32(rng.uniform(4, 50) / np.sqrt(cells))
    return canvas


def _clutter(rng: np.random.Generator, size: tuple[int, int]) -> Canvas:
    """Boxes, discs and bars out of focus: shelves, lamps, door frames."""
    canvas = _fill(_colour(rng), size)
    side = max(size)
    for _ in range(rng.integers(4, 14)):
        colour = tuple(_colour(rng).tolist())
        x, y = (rng.uniform(-0.1, 1.1, 2) * size[::-1]).astype(int).tolist()
        w, h = (rng.uniform(0.05, 0.5, 2) * side).astype(int).tolist()
        shape = rng.integers(3)
        if shape == 0:
            cv2.rectangle(canvas, (x - w // 2, y - h // 2), (x + w // 2, y + h // 2), colour, -1)
        elif shape == 1:
            cv2.ellipse(canvas, (x, y), (w // 2 + 1, h // 2 + 1), float(rng.uniform(0, 180)), 0, 360, colour, -1)
        else:
            far = (rng.uniform(-0.2, 1.2, 2) * size[::-1]).astype(int).tolist()
            cv2.line(canvas, (x, y), (far[0], far[1]), colour, max(1, side // int(rng.integers(12, 40))))
    kernel = 2 * round(float(rng.uniform(0.01, 0.06)) * side) + 1
    return np.asarray(cv2.stackBlur(canvas, (kernel, kernel)), dtype=np.float32)


KINDS = (_wall, _flat, _gradient, _texture, _clutter)
UP_TO = np.cumsum([0.32, 0.10, 0.14, 0.20])  # the shares of all but the last
