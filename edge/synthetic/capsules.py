"""Tapered capsules (two spheres and what lies between) raised into a height map, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

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
    ends: npt.NDArray[np.float64], radii: npt.NDArray[np.float64], cut: int, size: tuple[int, int]
) -> Surfaces:
    """Find how high capsules stand over each pixel.

    Args:
        ends: (n, 2, 3) x, y and height of both ends, in pixels; n at most 254.
        radii: (n, 2) in pixels.
        cut: how many of the last capsules have their first end cut off square instead of round.
        size: (height, width) of the picture.

    The surface over a pixel is the highest point of the spheres along the axis: the sphere whose centre lies
    w·dz/|D| further along than the pixel, w² = r² − v², v the distance from the axis in the picture. That is exact for
    an even thickness, and near enough for a taper. All in shares t of the axis' length L in the picture, so
    |pixel − centre(t)|² = |pixel|² − L²·t·(2u − t).

    All capsules' rows, and then all rows' pixels, are worked on as one long row: small arrays would cost their calls.
    """
    rows = _rows(ends, radii, size)
    columns, left, ax = rows.columns, rows.left, rows.ax

    # one entry for each pixel of each row
    shift = left - np.cumsum(columns) + columns
    pixels = np.empty((7 + 4, len(columns)), dtype=np.float32)
    pixels[:7] = rows.each
    y = rows.y
    pixels[7], pixels[8] = y * rows.uy, rows.inside - y * y
    pixels[9], pixels[10] = shift - ax, rows.line * size[1] + shift
    az, dz, l2, tilt, swell, ux, who, u, inside, x, pixel = np.repeat(pixels, columns, axis=1)
    count = np.arange(len(x), dtype=np.float32)
    x += count
    pixel += count
    u += x * ux
    x *= x
    inside -= x
    w = np.sqrt(np.abs(inside + u * (swell + l2 * u)))  # negative: beside the capsule, where no sphere reaches anyway
    w *= tilt
    w += u
    t = w.clip(0, 1)  # for arrays this long quicker than a minimum and a maximum with a number
    slack = inside + t * (swell + l2 * (u + u - t))
    if cut:
        tail = int(columns[rows.first[-cut] :].sum())
        slack[len(slack) - tail :][u[len(u) - tail :] <= 0] = 0
    hit = np.flatnonzero(slack > 0)
    dz *= t
    dz += az
    surface = dz.take(hit) + np.sqrt(slack.take(hit))
    return Surfaces(pixel.take(hit).astype(np.int64), surface, who.take(hit).astype(np.uint8))


class _Rows(NamedTuple):
    """The rows of pixels that capsules reach, all capsules' rows as one long row; each array has an entry for each row.

    Attributes:
        each: (7, rows) values of the capsule that its pixels need.
        y: height above the first end, in pixels.
        uy: share of the axis for each pixel downwards.
        inside: squared radius at the first end.
        ax: column of the first end.
        line: row of the picture.
        left, columns: first column, and how many.
        first: (capsules,) the first row of each.
    """

    each: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    uy: npt.NDArray[np.float64]
    inside: npt.NDArray[np.float64]
    ax: npt.NDArray[np.float64]
    line: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]


def _rows(ends: npt.NDArray[np.float64], radii: npt.NDArray[np.float64], size: tuple[int, int]) -> _Rows:
    tall, wide = size
    top = np.maximum((ends[..., 1] - radii).min(axis=1), 0).astype(np.int64)
    rows = np.maximum(np.minimum((ends[..., 1] + radii).max(axis=1) + 1, tall).astype(np.int64) - top, 0)

    # one entry for each row of each capsule, with the columns that the axis' part near that row can reach
    start, way, radius2 = ends[:, 0], ends[:, 1] - ends[:, 0], radii * radii
    dx, dy, dz = way.T
    length2 = np.maximum(dx * dx + dy * dy, 1e-3)
    rise = np.where(np.abs(dy) > 1e-3, dy, 1e-3)
    reach = radii.max(axis=1)
    near = np.abs(reach / rise)
    each = np.empty((7 + 9, len(ends)))
    each[0], each[1], each[2] = start[:, 2], dz, length2
    each[3], each[4] = dz / np.sqrt((length2 + dz * dz) * length2), radius2[:, 1] - radius2[:, 0]
    each[5], each[6] = dx / length2, np.arange(1, len(ends) + 1)
    each[7:9], each[9], each[10] = start[:, :2].T, dy / length2, dx
    each[11], each[12], each[13] = 1 / rise, near, near * np.sqrt(length2)
    each[14], each[15] = reach, radius2[:, 0]
    first = np.cumsum(rows) - rows
    line = np.arange(int(rows.sum())) + np.repeat(top - first, rows)
    each = np.repeat(each, rows, axis=1)
    ax, ay, uy, dx, per_rise, near, beside, reach, inside = each[7:]
    y = line - ay
    middle = y * per_rise
    bent = dx * np.stack((middle - near, middle + near)).clip(0, 1)
    middle *= dx
    # between the circles' sides, and between the lines along the axis that touch the widest circle
    left = ax + np.maximum(bent.min(axis=0) - reach, middle - beside)
    right = ax + np.minimum(bent.max(axis=0) + reach, middle + beside)
    left = np.maximum(left, 0).astype(np.int64)
    columns = np.maximum(np.minimum(right + 1, wide).astype(np.int64) - left, 0)
    return _Rows(each[:7], y, uy, inside, ax, line, left, columns, first)
