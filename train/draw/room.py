"""Drawn rooms: walls, floor and furniture in some light; and plain walls."""

from __future__ import annotations

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.mesh.hand_mesh import Array
from signs_edge.edge.synthetic.mesh.skin import GAMMA
from signs_edge.train.draw.box import NEAR, Box, some_colour, some_wood
from signs_edge.train.draw.furniture import furnish

FINE = 2  # drawn pixels across one of the picture's
PLAIN_SHARE = 0.2


def draw_room(rng: np.random.Generator, size: tuple[int, int] = (240, 320)) -> Image:
    """Draw a room or, now and then, a plain wall, in some light and more or less in focus.

    Args:
        rng: the only source of chance.
        size: (height, width).

    Returns:
        RGB (height, width, 3) uint8.
    """
    if rng.random() < PLAIN_SHARE:
        flat = np.tile(some_colour(rng, 40, 245), (*size, 1)).astype(np.float32)
        canvas: Array = flat * _uneven(rng, size, (3, 9, 60), float(rng.uniform(0.005, 0.06)))
    else:
        box = Box(rng, (size[0] * FINE, size[1] * FINE))
        _walls(box, rng)
        furnish(box, rng)
        small = np.asarray(cv2.resize(box.canvas, size[::-1], interpolation=cv2.INTER_AREA))
        canvas = small * _uneven(rng, size, (4, 16, 100), 0.025)
    canvas = np.clip(_lit(canvas, rng), 0, 1)
    blur = float(rng.choice([0.0, rng.uniform(0.3, 1.2), rng.uniform(1.2, 6)], p=[0.35, 0.4, 0.25])) * size[0] / 240
    if blur > 0.3:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), blur), dtype=np.float32)
    return np.asarray((canvas ** (1 / GAMMA) * 255).round(), dtype=np.uint8)


def _walls(box: Box, rng: np.random.Generator) -> None:
    w, d, f, c, n = box.half, box.depth, box.floor, box.ceiling, NEAR
    wall = some_colour(rng, 70, 245)
    side = wall if rng.random() < 0.7 else some_colour(rng, 60, 240)
    floor = some_wood(rng) if rng.random() < 0.6 else some_colour(rng, 30, 200)
    box.canvas[:] = side * 0.8  # beside the camera, where nothing is painted
    box.quad(((-w, f, n), (w, f, n), (w, f, d), (-w, f, d)), floor)
    box.quad(((-w, c, n), (w, c, n), (w, c, d), (-w, c, d)), some_colour(rng, 170, 250, 4) * 0.8)
    for x, shade in ((-w, 0.8), (w, 0.9)):
        box.quad(((x, c, n), (x, f, n), (x, f, d), (x, c, d)), side * shade)
    box.face((-w, c, d), 2 * w, f - c, wall)
    box.face((-w, f - 0.1, d), 2 * w, 0.1, some_colour(rng, 60, 250, 4))
    if rng.random() < 0.15:  # striped wallpaper
        step = float(rng.uniform(0.08, 0.3))
        for x in np.arange(-w, w, 2 * step).tolist():
            box.face((x, c, d), step, f - c, wall * 0.8)


def _uneven(rng: np.random.Generator, size: tuple[int, int], grains: tuple[int, ...], strength: float) -> Array:
    """(height, width, 1) float32 factors about 1."""
    total = np.ones(size, np.float32)
    for cells in grains:
        spots = rng.normal(0, strength, (max(2, cells * size[0] // size[1]), cells)).astype(np.float32)
        total += cv2.resize(spots, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0.1, 2)[..., None]


def _lit(canvas: Array, rng: np.random.Generator) -> Array:
    """A picture in uneven light of some colour, exposed well, too long or too short."""
    tall, wide = canvas.shape[:2]
    x, y = np.linspace(-1, 1, wide, dtype=np.float32), np.linspace(-1, 1, tall, dtype=np.float32)[:, None]
    turn = rng.uniform(0, 2 * np.pi)
    light = np.exp((x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))) * np.float32(rng.uniform(0, 0.8)))
    for _ in range(int(rng.integers(0, 3))):  # lamps
        at, reach = rng.uniform(-1.2, 1.2, 2).astype(np.float32), np.float32(rng.uniform(0.15, 0.8))
        pool = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / reach**2)
        light = light * (1 + np.float32(rng.uniform(0.2, 2.5)) * pool)
    warm = rng.normal(0, 0.12)
    lit = canvas * light[..., None] * np.array([1 + warm, 1, 1 - warm], np.float32)
    level = float(np.exp(rng.normal(np.log(0.26), 0.6)))
    return np.asarray(lit * np.float32(level / max(float(lit.mean()), 1e-3)))
