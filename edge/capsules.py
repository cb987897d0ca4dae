"""Tapered capsules (two spheres and what lies between) raised into a height map, many at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Plane: TypeAlias = npt.NDArray[np.float32]
"""One value per pixel, (height, width) or (height, width, channels) float32."""

FAR = -1e4  # the height, in pixels, of where there is nothing


def raise_capsules(
    height: Plane,
    owner: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.float64],
    radii: npt.NDArray[np.float64],
    cut: npt.NDArray[np.bool_],
    index: npt.NDArray[np.int64],
) -> None:
    """Raise `height` to the capsules where they are higher, and write down in `owner` which won.

    Args:
        height: (height, width) float32 in pixels, changed in place; `FAR` where nothing is yet.
        owner: (height, width) uint8, changed in place.
        ends: (n, 2, 3) x, y and height of both ends, in pixels.
        radii: (n, 2) in pixels.
        cut: (n,) bool, whether the first end is cut off square instead of round.
        index: (n,) int64 1..255, what to write into `owner`.

    The surface over a pixel is the highest point of the spheres along the axis: the sphere whose centre lies
    w·dz/|D| further along than the pixel, w² = r² − v², v the distance from the axis in the picture. That is exact for
    an even thickness, and near enough for a taper. All in shares t of the axis' length L in the picture, so
    |pixel − centre(t)|² = |pixel|² − L²·t·(2u − t).

    All capsules' rows, and then all rows' pixels, are worked on as one long row: small arrays would cost their calls.
    """
    tall, wide = height.shape
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
    fixed = [start[:, 2], way[:, 2], length2, tilt, radius2[:, 1] - radius2[:, 0], unit[:, 0], least, index]
    each = np.stack(
        [*fixed, *start.T, unit[:, 1], way[:, 0], 1 / rise, reach, radius2[:, 0], top - np.cumsum(rows) + rows]
    )
    each = np.repeat(each, rows, axis=1)
    ax, ay, _, uy, dx, per_rise, reach, inside, begin = each[len(fixed) :]
    line = np.arange(each.shape[1]) + begin
    y = line - ay
    near, middle = np.abs(reach * per_rise), y * per_rise
    t0, t1 = np.clip(middle - near, 0, 1), np.clip(middle + near, 0, 1)
    left = np.maximum(ax + np.minimum(dx * t0, dx * t1) - reach, 0).astype(np.int64)
    right = np.minimum(ax + np.maximum(dx * t0, dx * t1) + reach + 1, wide).astype(np.int64)
    columns = np.maximum(right - left, 0)

    # one entry for each pixel of each row
    shift = left - np.cumsum(columns) + columns
    pixels = np.stack([*each[: len(fixed)], y * uy, inside - y * y, ax, line * wide, shift]).astype(np.float32)
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
    place = pixel[hit].astype(np.intp)
    np.maximum.at(height.reshape(-1), place, surface)
    won = surface >= height.reshape(-1)[place]
    owner.reshape(-1)[place[won]] = who[hit[won]].astype(np.uint8)
