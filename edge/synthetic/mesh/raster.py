"""Faces to pixels: which face is seen where, and values between its corners."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array

FRACTION = 4  # bits of a pixel that OpenCV's polygons know
FARTHEST = 16000.0  # pixels; beyond, OpenCV's fixed-point numbers could overflow


@dataclass(frozen=True)
class Surface:
    """What is seen of some faces.

    Attributes:
        where: rows (p,) and columns (p,) of the pixels that show a face.
        face: (p,) int64, which one.
        corners: (p, 3) int64, the three of its corners around the pixel.
        shares: (p, 3) float32, the share of each corner there; each row's sum is 1.
    """

    where: tuple[Array, Array]
    face: Array
    corners: Array
    shares: Array

    def between(self, values: Array) -> Array:
        """(p, k) values at the pixels, from those at the corners, (n, k)."""
        total = values.take(self.corners[:, 0], axis=0) * self.shares[:, :1]
        for k in (1, 2):
            total += values.take(self.corners[:, k], axis=0) * self.shares[:, k : k + 1]
        return np.asarray(total)

    def part(self, mine: Array, faces: int, corners: int) -> Surface:
        """The pixels `mine` only, their faces and corners numbered from `faces` and `corners` on."""
        where = (self.where[0][mine], self.where[1][mine])
        return Surface(where, self.face[mine] - faces, self.corners[mine] - corners, self.shares[mine])


def rasterise(points: Array, faces: Array, keep: Array, size: tuple[int, int]) -> Surface:
    """Paint faces from far to near; of two that cut each other the one with the nearer middle is seen.

    Args:
        points: (n, 3) float32: x and y in pixels (a pixel's middle is at a whole number), distance.
        faces: (m, 4) corners; a triangle names its last corner twice.
        keep: (k,) the faces to paint.
        size: (height, width).
    """
    distance = points[:, 2]
    order = keep[np.argsort(-(distance[faces[keep]] @ np.ones(4, np.float32)), kind="stable")]
    flat = np.clip(points[:, :2], -FARTHEST, FARTHEST)
    outlines = np.round(flat[faces[order]] * 2**FRACTION).astype(np.int32)
    canvas = np.full(size, -1, np.int32)
    fill, solid = cv2.fillConvexPoly, cv2.LINE_8
    for outline, index in zip(outlines, order.tolist(), strict=True):
        fill(canvas, outline, index, solid, FRACTION)
    rows, columns = np.nonzero(canvas >= 0)
    face = canvas[rows, columns].astype(np.int64)
    quad = faces[face]
    corners = quad[:, :3].copy()
    shares = _shares(points, corners, rows, columns)
    beyond = np.nonzero((shares[:, 1] < 0) & (quad[:, 2] != quad[:, 3]))[0]  # the other side of the diagonal
    corners[beyond] = quad[beyond][:, (0, 2, 3)]
    shares[beyond] = _shares(points, corners[beyond], rows[beyond], columns[beyond])
    shares = np.clip(shares, 0, 1)
    shares /= np.maximum(shares @ np.ones((3, 1), np.float32), 1e-6)
    return Surface((rows, columns), face, corners, shares)


def _shares(points: Array, corners: Array, rows: Array, columns: Array) -> Array:
    """(p, 3) float32 barycentric coordinates of pixels in triangles."""
    a, b, c = (points[corners[:, k], :2] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    area = np.where(np.abs(area) < 1e-6, np.float32(1e-6), area)
    x, y = columns - a[:, 0], rows - a[:, 1]
    second, third = (x * v[:, 1] - y * v[:, 0]) / area, (y * u[:, 0] - x * u[:, 1]) / area
    return np.stack([1 - second - third, second, third], 1).astype(np.float32)


def facing(points: Array, faces: Array) -> Array:
    """(m,) twice each face's area in the picture: negative where its outside is seen."""
    flat = np.asarray(points[:, :2], dtype=np.float64)
    u, v = flat[faces[:, 2]] - flat[faces[:, 0]], flat[faces[:, 3]] - flat[faces[:, 1]]
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def as_quads(faces: Array) -> Array:
    """(m, 4) faces from triangles (m, 3), or as they are."""
    return faces if faces.shape[1] == 4 else np.concatenate([faces, faces[:, 2:]], axis=1)
