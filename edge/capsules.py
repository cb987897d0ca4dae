"""Tapered capsules (two spheres and what lies between) raised into a height map, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Plane: TypeAlias = npt.NDArray[np.float32]
"""One value per pixel, (height, width) or (height, width, channels) float32."""

FAR = -1e4  # the height, in pixels, of where there is nothing


@dataclass(frozen=True)
class Surfaces:
    """The surfaces of capsules over the pixels of a picture, one entry for each pixel of each, capsule by capsule.

    Attributes:
        place: (k,) int64, index into the flattened picture.
        height: (k,) float32 in pixels.
        who: (k,) uint8, the capsule's index and 1.
    """

    place: npt.NDArray[np.int64]
    height: Plane
    who: npt.NDArray[np.uint8]

    def split(self, first: int) -> tuple[Surfaces, Surfaces]:
        """Those of the first so many capsules, and the others."""
        at = int(np.searchsorted(self.who, np.uint8(first), side="right"))
        return (
            Surfaces(self.place[:at], self.height[:at], self.who[:at]),
            Surfaces(self.place[at:], self.height[at:], self.who[at:]),
        )

    def claim(self, height: Plane, owner: npt.NDArray[np.uint8]) -> None:
        """Raise `height` (height, width) where these are higher, and write into `owner`, of its shape, who did."""
        top, whose = height.reshape(-1), owner.reshape(-1)
        np.maximum.at(top, self.place, self.height)
        won = np.flatnonzero(self.height >= top[self.place])
        whose[self.place[won]] = self.who[won]


def capsule_surfaces(
    ends: npt.NDArray[np.float64], radii: npt.NDArray[np.float64], cut: npt.NDArray[np.bool_], size: tuple[int, int]
) -> Surfaces:
    """Find how high capsules stand over each pixel.

    Args:
        ends: (n, 2, 3) x, y and height of both ends, in pixels; n at most 254.
        radii: (n, 2) in pixels.
        cut: (n,) whether the first end is cut off square instead of round.
        size: (height, width) of the picture.

    The surface over a pixel is the highest point of the spheres along the axis: the sphere whose centre lies
    w·dz/|D| further along than the pixel, w² = r² − v², v the distance from the axis in the picture. That is exact for
    an even thickness, and near enough for a taper. All in shares t of the axis' length L in the picture, so
    |pixel − centre(t)|² = |pixel|² − L²·t·(2u − t).

    All capsules' rows, and then all rows' pixels, are worked on as one long row: small arrays would cost their calls.
    """
    tall, wide = size
    reach = radii.max(axis=1)
    top = np.maximum(ends[:, :, 1].min(axis=1) - reach, 0).astype(np.int64)
    rows = np.maximum(np.minimum(ends[:, :, 1].max(axis=1) + reach + 1, tall).astype(np.int64) - top, 0)

    # one entry for each row of each capsule, with the columns that the axis' part near that row can reach
    start, way, radius2 = ends[:, 0], ends[:, 1] - ends[:, 0], radii**2
    length2 = np.maximum((way[:, :2] ** 2).sum(axis=1), 1e-3)
    tilt = way[:, 2] / np.sqrt((length2 + way[:, 2] ** 2) * length2)
    unit = way[:, :2] / length2[:, None]
    rise = np.where(np.abs(way[:, 1]) > 1e-3, way[:, 1], 1e-3)
    least = np.where(cut, 0.0, -np.inf)
    each = np.empty((8 + 8, len(ends)))
    each[:3] = start[:, 2], way[:, 2], length2
    each[3:6] = tilt, radius2[:, 1] - radius2[:, 0], unit[:, 0]
    each[6:8] = least, np.arange(1, len(ends) + 1)
    each[8:10] = start[:, :2].T
    each[10:13] = unit[:, 1], way[:, 0], 1 / rise
    each[13:] = reach, radius2[:, 0], top - np.cumsum(rows) + rows
    each = np.repeat(each, rows, axis=1)
    ax, ay, uy, dx, per_rise, reach, inside, begin = each[8:]
    line = np.arange(each.shape[1]) + begin
    y = line - ay
    near, middle = np.abs(reach * per_rise), y * per_rise
    t0, t1 = np.clip(middle - near, 0, 1), np.clip(middle + near, 0, 1)
    left = np.maximum(ax + np.minimum(dx * t0, dx * t1) - reach, 0).astype(np.int64)
    right = np.minimum(ax + np.maximum(dx * t0, dx * t1) + reach + 1, wide).astype(np.int64)
    columns = np.maximum(right - left, 0)

    # one entry for each pixel of each row
    shift = left - np.cumsum(columns) + columns
    pixels = np.empty((8 + 5, len(columns)), dtype=np.float32)
    pixels[:8] = each[:8]
    pixels[8:] = y * uy, inside - y * y, ax, line * wide, shift
    az, dz, l2, tilt, swell, ux, least, who, u, inside, ax, pixel, x = np.repeat(pixels, columns, axis=1)
    x += np.arange(len(x), dtype=np.float32)
    pixel += x
    x -= ax
    u += x * ux
    inside -= x * x
    t = np.minimum(np.maximum(u, 0), 1)
    w = np.sqrt(np.maximum(inside + swell * t + l2 * u * u, 0))
    t = np.minimum(np.maximum(u + w * tilt, 0), 1)
    slack = inside + t * (swell + l2 * (u + u - t))
    hit = np.flatnonzero((slack > 0) & (u > least))
    surface = (az + dz * t)[hit] + np.sqrt(slack[hit])
    return Surfaces(pixel[hit].astype(np.int64), surface, who[hit].astype(np.uint8))
