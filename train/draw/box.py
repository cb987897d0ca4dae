"""A box seen from inside on which rectangles are painted in perspective; linear RGB."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array
from signs_edge.edge.synthetic.mesh.skin import to_linear

Corner: TypeAlias = tuple[float, float, float]

NEAR = 0.12  # metres; what is nearer to the camera is drawn as if it were there
FRACTION = 3  # bits of a pixel that OpenCV's polygons know


class Box:
    """A canvas on which rectangles in space are painted; x right, y down, z away, metres from the camera; linear RGB.

    Attributes:
        canvas: (height, width, 3) float32.
        half: half the room's breadth.
        floor, ceiling: their heights.
        depth: how far the back wall is.
    """

    def __init__(self, rng: np.random.Generator, size: tuple[int, int]) -> None:
        self.canvas = np.zeros((*size, 3), np.float32)
        self._focal = size[1] * float(rng.uniform(0.7, 1.1))
        self.half, self.depth = float(rng.uniform(1.2, 3.2)), float(rng.uniform(1.8, 5.5))
        self.floor = float(rng.uniform(0.9, 1.6))
        self.ceiling = self.floor - float(rng.uniform(2.3, 2.9))
        yaw, pitch = np.deg2rad(rng.normal(0, (22, 5)))
        level = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        self._turn = (
            np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]) @ level
        )
        self._aside = float(rng.uniform(-0.6, 0.6)) * self.half

    def quad(self, corners: tuple[Corner, Corner, Corner, Corner], colour: Array) -> None:
        """Paint a plane shape over what is there."""
        at = (np.array(corners) + np.array([self._aside, 0, 0])) @ self._turn.T
        middle = np.array(self.canvas.shape[1::-1]) / 2
        flat = middle + self._focal * at[:, :2] / np.maximum(at[:, 2:], NEAR)
        outline = np.round(np.clip(flat, -6000, 6000) * 2**FRACTION).astype(np.int32)
        cv2.fillPoly(self.canvas, [outline], np.clip(colour, 0, 3).tolist(), cv2.LINE_8, FRACTION)

    def face(self, corner: Corner, wide: float, tall: float, colour: Array) -> None:
        """Paint an upright rectangle parallel to the back wall, from its upper left corner."""
        x, y, z = corner
        self.quad(((x, y, z), (x + wide, y, z), (x + wide, y + tall, z), (x, y + tall, z)), colour)

    def block(self, corner: Corner, extent: Corner, colour: Array) -> None:
        """Paint a block, from its front's upper left corner, in light from above."""
        (x, y, z), (wide, tall, deep) = corner, extent
        back = z + deep
        self.quad(((x, y, z), (x + wide, y, z), (x + wide, y, back), (x, y, back)), colour * 1.2)
        for side in (x, x + wide):
            self.quad(((side, y, z), (side, y + tall, z), (side, y + tall, back), (side, y, back)), colour * 0.6)
        self.face(corner, wide, tall, colour * 0.9)


def some_colour(rng: np.random.Generator, low: float = 15, high: float = 240, tint: float = 14) -> Array:
    """(3,) linear RGB, greyish more often than bright; `low`, `high` and `tint` are of 0..255."""
    if rng.random() < 0.12:
        return to_linear(rng.uniform(low, high, 3))
    warm = rng.normal(0, tint) * np.array([1, 0.2, -1])
    return to_linear(np.clip(rng.uniform(low, high) + rng.normal(0, tint, 3) + warm, 3, 252))


def some_wood(rng: np.random.Generator) -> Array:
    """(3,) linear RGB."""
    return to_linear(np.array([150.0, 105, 66]) * rng.uniform(0.35, 1.5) * np.clip(rng.normal(1, 0.08, 3), 0.8, 1.2))
