"""Rooms as a camera sees them, drawn from straight edges: walls, desks, screens, shelves, chairs, cables; no hands."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image

_DETAIL = 2  # drawn so much larger than asked for, then averaged
_Colour = npt.NDArray[np.float64]


def draw_room(rng: np.random.Generator, size: int) -> Image:
    """A random room, (size, size, 3) uint8 RGB."""
    side = size * _DETAIL
    light = rng.uniform(0.3, 1.1)
    canvas = np.empty((side, side, 3), np.uint8)
    canvas[:] = _colour(rng, light)
    _floor(canvas, rng, light)
    for _ in range(rng.integers(2, 10)):
        _OBJECTS[rng.integers(len(_OBJECTS))](canvas, rng, light)
    blurred = cv2.GaussianBlur(canvas.astype(np.float32) * _light(rng, side), (0, 0), rng.uniform(0.5, 3) * _DETAIL / 2)
    small = cv2.resize(blurred, (size, size), interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 255).astype(np.uint8)


def _colour(rng: np.random.Generator, light: float) -> _Colour:
    """Mostly greys and browns, as rooms are."""
    grey = rng.uniform(15, 235)
    warm = rng.choice((0.0, 1.0), p=(0.6, 0.4)) * np.array([0.16, 0.0, -0.2])
    colour: _Colour = light * (grey * (1 + warm * rng.uniform(0.2, 1.4)) + rng.normal(0, 8, 3))
    return np.minimum(np.maximum(colour, 0), 255)


def _light(rng: np.random.Generator, side: int) -> npt.NDArray[np.float32]:
    """(side, side, 1): brighter towards some side."""
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    light = 1 + slope * (x * np.cos(angle) + y * np.sin(angle))
    return np.asarray(light[..., np.newaxis], np.float32)


def _fill(canvas: Image, corners: npt.NDArray[Any], colour: _Colour) -> None:
    cv2.fillPoly(canvas, [np.round(corners).astype(np.int32)], colour.tolist(), cv2.LINE_AA)


def _floor(canvas: Image, rng: np.random.Generator, light: float) -> None:
    """A floor or a desk below a slanting edge."""
    side = len(canvas)
    left, right = rng.uniform(0.3, 1.1) * side + rng.uniform(-0.3, 0.3, 2) * side
    _fill(canvas, np.array([[0, left], [side, right], [side, side + 1], [0, side + 1]]), _colour(rng, light))


def _box(rng: np.random.Generator, side: int) -> npt.NDArray[np.float64]:
    """Corners of a four-sided figure, somewhat out of square."""
    centre, half = rng.uniform(0, side, 2), rng.uniform(0.04, 0.45, 2) * side
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    angle = rng.normal(0, 0.25)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    boxed: npt.NDArray[np.float64] = corners @ turn.T + centre + rng.normal(0, 0.02 * side, (4, 2))
    return boxed


def _furniture(canvas: Image, rng: np.random.Generator, light: float) -> None:
    corners = _box(rng, len(canvas))
    _fill(canvas, corners, _colour(rng, light))
    if rng.random() < 0.4:  # a second face of it
        _fill(canvas, corners + np.array([[0, 0], [0, 0], [8, 8], [8, 8]]), _colour(rng, light))


def _screen(canvas: Image, rng: np.random.Generator, light: float) -> None:
    """A frame with a lit area that has lines of writing."""
    corners = _box(rng, len(canvas))
    centre = corners.mean(axis=0)
    _fill(canvas, corners, _colour(rng, 0.3 * light))
    _fill(canvas, centre + 0.9 * (corners - centre), np.clip(_colour(rng, 1.2), 60, 255))
    ink = _colour(rng, 0.7)
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    for row in np.linspace(0.12, 0.88, rng.integers(3, 12)):
        start = corners[0] + 0.12 * across + row * down
        end = start + rng.uniform(0.1, 0.72) * across
        cv2.line(canvas, _pixel(start), _pixel(end), ink.tolist(), 1, cv2.LINE_AA)


def _shelf(canvas: Image, rng: np.random.Generator, light: float) -> None:
    """Upright things side by side, thin and thick: books, folders, chair backs; the nearest that rooms have to fingers."""
    side = len(canvas)
    x, bottom = rng.uniform(0, side), rng.uniform(0.2, 1) * side
    lean = rng.normal(0, 0.1)
    for _ in range(rng.integers(2, 9)):
        width, height = rng.uniform(0.02, 0.1) * side, rng.uniform(0.1, 0.4) * side
        top = np.array([lean * height, -height])
        foot = np.array([[x, bottom], [x + width, bottom]])
        _fill(canvas, np.array([foot[0], foot[1], foot[1] + top, foot[0] + top]), _colour(rng, light))
        x += width + rng.uniform(0, 0.03) * side


def _round(canvas: Image, rng: np.random.Generator, light: float) -> None:
    """A cup, a ball, a lamp, a head."""
    side = len(canvas)
    axes = rng.uniform(0.03, 0.25, 2) * side
    cv2.ellipse(
        canvas,
        _pixel(rng.uniform(0, side, 2)),
        _pixel(axes),
        rng.uniform(0, 180),
        0,
        360,
        _colour(rng, light).tolist(),
        -1,
    )


def _cable(canvas: Image, rng: np.random.Generator, light: float) -> None:
    """A bent line, thin as a cable or thick as a pipe."""
    side = len(canvas)
    ends = rng.uniform(-0.1, 1.1, (3, 2)) * side
    t = np.linspace(0, 1, 16)[:, np.newaxis]
    curve = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * ends[1] + t**2 * ends[2]
    thickness = int(rng.integers(1, 10))
    cv2.polylines(
        canvas, [np.round(curve).astype(np.int32)], False, _colour(rng, light).tolist(), thickness, cv2.LINE_AA
    )


def _pixel(point: npt.NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


_OBJECTS = (_furniture, _furniture, _screen, _shelf, _round, _cable)
