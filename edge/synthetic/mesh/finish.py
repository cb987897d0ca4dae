"""From a drawing to a picture: made smaller, smeared or out of focus."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.mesh.hand_mesh import Array

MOVING_SHARE, SOFT_SHARE = 0.2, 0.3


@dataclass(frozen=True)
class Blur:
    """How a picture is blurred, in its pixels.

    Attributes:
        sigma: of a lens out of focus; 0 for none.
        length: of the way that the hand moved while the shutter was open; 0 for none.
        angle: of that way, degrees.
    """

    sigma: float = 0.0
    length: float = 0.0
    angle: float = 0.0


def sample_blur(size: int, rng: np.random.Generator, most: float = 0.1) -> Blur:
    """None, a lens out of focus, or a movement of at most that share of the picture's side."""
    chance = rng.random()
    if chance < MOVING_SHARE:
        return Blur(length=float(rng.uniform(3, max(3.5, most * size))), angle=float(rng.uniform(0, 180)))
    if chance < MOVING_SHARE + SOFT_SHARE:
        return Blur(sigma=float(rng.uniform(0.4, 0.01 * size)) if size > 40 else 0.4)
    return Blur()


def finish(canvas: Array, size: tuple[int, int], blur: Blur) -> tuple[Image, Image]:
    """Make a drawing smaller and blur it.

    Args:
        canvas: (h, w, 4) float32: RGB 0..1 as a camera gives it, and opacity; all 0 where nothing is.
        size: (height, width) of the picture.
        blur: how.

    Returns:
        RGB (height, width, 3) uint8 that is not dimmed by the opacity, and the opacity (height, width) uint8.
    """
    small = cv2.resize(canvas, size[::-1], interpolation=cv2.INTER_AREA)
    if blur.length > 0:
        small = cv2.filter2D(small, -1, streak(blur.length, blur.angle))
    elif blur.sigma > 0:
        small = cv2.GaussianBlur(small, (0, 0), blur.sigma)
    alpha = np.clip(small[..., 3], 0, 1)
    colour = np.clip(small[..., :3] / np.maximum(small[..., 3:], 1e-3), 0, 1)
    return (colour * 255).round().astype(np.uint8), (alpha * 255).round().astype(np.uint8)


def streak(length: float, angle: float) -> Array:
    """A float32 kernel that smears a picture along a line of `length` pixels at `angle` degrees."""
    side = max(3, int(length) | 1)
    kernel, middle = np.zeros((side, side), np.float32), side // 2
    way = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * middle
    a, b = (np.round(8 * (middle + sign * way)).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, a, b, 1.0, 1, cv2.LINE_AA, 3)
    return np.asarray(kernel / kernel.sum())
