"""A hand's body drawn: tapered capsules become a height map, and the height map a shaded picture with its mask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from signs_edge.edge.hand_body import NAIL, PALM, SLEEVE, Capsules, Person
from signs_edge.edge.hand_pose import Points
from signs_edge.edge.images import Image

Plane: TypeAlias = npt.NDArray[np.float32]
"""One value per pixel, (height, width) or (height, width, channels) float32."""

FINE = 2  # the height map's pixels across one of the picture's
FAR = -1e4  # the height, in pixels, of where there is no hand
CAMERA = 60.0  # centimetres from the lens to the hand; sets how much nearer parts grow
STEEPEST = 2.5  # slopes are cut here, so that outlines do not outshine what they bound
SCATTER = np.array(
    [0.42, 0.24, 0.18], dtype=np.float32
)  # how far light creeps round into the shade, of RGB: skin's red
NAIL_TINT = np.array([232.0, 190.0, 178.0])
BLUSH = np.array([1.04, 0.86, 0.84])  # what full flush does to RGB


@dataclass(frozen=True)
class View:
    """How the camera sees the hand.

    Attributes:
        yaw: radians about the hand's long axis; 0 shows the palm, pi the back.
        pitch: radians about the picture's horizontal; positive tips the fingers to the camera.
        roll: radians in the picture, counter-clockwise.
        mirror: whether it is the other hand.
        scale: pixels per centimetre.
        centre: (x, y) in pixels where `pivot` lands.
        pivot: centimetres above the wrist, about which the hand turns.
    """

    yaw: float
    pitch: float
    roll: float
    mirror: bool
    scale: float
    centre: tuple[float, float]
    pivot: float = 7.0

    @cached_property
    def rotation(self) -> Points:
        """(3, 3) from the hand's axes to the camera's: x right, y up, z to the camera."""
        cy, cp, cr = math.cos(self.yaw), math.cos(self.pitch), math.cos(self.roll)
        sy, sp, sr = math.sin(self.yaw), math.sin(self.pitch), math.sin(self.roll)
        yaw = np.array([[-cy if self.mirror else cy, 0, sy], [0, 1, 0], [sy if self.mirror else -sy, 0, cy]])
        tilt = np.array([[cr, -sr * cp, sr * sp], [sr, cr * cp, -cr * sp], [0, sp, cp]])
        turned: Points = tilt @ yaw
        return turned

    def project(self, points: Points) -> tuple[Points, Points]:
        """Points (..., 3) in centimetres to pixels, as x, y (down) and height; and pixels per centimetre (...)."""
        seen = (points - (0.0, self.pivot, 0.0)) @ self.rotation.T
        grown = self.scale * CAMERA / np.maximum(CAMERA - seen[..., 2], 0.3 * CAMERA)
        placed = seen * grown[..., None] * (1.0, -1.0, 1.0) + (*self.centre, 0.0)
        return placed, grown


@dataclass(frozen=True)
class Light:
    """What lights the hand.

    Attributes:
        direction: (3,) unit vector to the lamp: x right, y down, z to the camera.
        ambient: 0..1, the share of light from everywhere.
    """

    direction: Points
    ambient: float


def render_hand(body: Capsules, person: Person, view: View, light: Light, size: tuple[int, int]) -> tuple[Image, Image]:
    """Draw a hand on nothing, from a height map twice as fine.

    Args:
        body: what to draw.
        person: its colours.
        view: where from, in pixels of this picture.
        light: what lights it.
        size: (height, width) of the picture.

    Returns:
        RGB (height, width, 3) uint8 already multiplied by its mask, and the mask (height, width) uint8, 0 to 255.
    """
    picture, mask = np.zeros((*size, 3), dtype=np.uint8), np.zeros(size, dtype=np.uint8)
    ends, grown = view.project(body.ends)
    height, owner = _raise(FINE * ends, FINE * body.radii * grown, body.kind, (FINE * size[0], FINE * size[1]))
    covered = np.minimum(owner, 1)
    x, y, width, tall = cv2.boundingRect(covered)
    if width == 0:
        return picture, mask
    # whole pixels of the picture, and a rim
    x0, y0, x1, y1 = max(x // FINE - 1, 0), max(y // FINE - 1, 0), (x + width) // FINE + 2, (y + tall) // FINE + 2
    fine, part = np.s_[FINE * y0 : FINE * y1, FINE * x0 : FINE * x1], np.s_[y0:y1, x0:x1]
    covered, height = covered[fine], height[fine]
    floor = float(height[covered > 0].min()) - FINE * view.scale
    colour = _albedo(body, person, view).take(owner[fine], axis=0)
    shade = _shade(np.maximum(height, np.float32(floor)), covered, light, FINE * view.scale)
    mask[part] = _coarse(255 * covered)
    picture[part] = np.minimum(_coarse(colour) * shade, 255)
    return picture, mask


def _coarse(fine: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The mean of each `FINE` × `FINE` pixels."""
    return cv2.resize(fine, (fine.shape[1] // FINE, fine.shape[0] // FINE), interpolation=cv2.INTER_AREA)


def _raise(
    ends: Points, radii: Points, kind: npt.NDArray[np.int64], size: tuple[int, int]
) -> tuple[Plane, npt.NDArray[np.uint8]]:
    """The capsules' heights in pixels, and whose each pixel is: 1 + the capsule's index, or 0.

    The palm's capsules are melted together before the others are laid over.
    """
    height = np.full(size, FAR, dtype=np.float32)
    owner = np.zeros(size, dtype=np.uint8)
    palm = kind == PALM
    _raise_group(height, owner, ends, radii, np.flatnonzero(palm), kind)
    height = _melt(height, reach=float(radii[0, 1]))
    _raise_group(height, owner, ends, radii, np.flatnonzero(~palm), kind)
    return height, owner


def _melt(height: Plane, reach: float) -> Plane:
    """Blur within the outline, which stays."""
    mask = (height > FAR / 2).astype(np.float32)
    kernel = (2 * int(0.6 * reach) + 1,) * 2
    blurred = cv2.stackBlur(height * mask, kernel)
    weight = cv2.stackBlur(mask, kernel)
    return np.where(mask > 0, blurred / np.maximum(weight, 1e-3), height)


def _raise_group(
    height: Plane,
    owner: npt.NDArray[np.uint8],
    ends: Points,
    radii: Points,
    group: npt.NDArray[np.int64],
    kind: npt.NDArray[np.int64],
) -> None:
    """Raise `height` to some capsules where they are higher, and mark what they won in `owner`.

    The surface over a pixel is the highest point of the spheres along the axis: the sphere whose centre lies
    w·dz/|D| further along than the pixel, w² = r² − v², v the distance from the axis in the picture. That is exact for
    an even thickness, and near enough for a taper. A sleeve's first end is cut off square instead of round.
    All in shares t of the axis' length L in the picture, so |pixel − centre(t)|² = |pixel|² − L²·t·(2u − t).

    All capsules' rows, and then all rows' pixels, are worked on as one long row: small arrays would cost their calls.
    """
    tall, wide = height.shape
    reach = radii[group].max(axis=1)
    top = np.maximum(ends[group, :, 1].min(axis=1) - reach, 0).astype(np.int64)
    rows = np.maximum(np.minimum(ends[group, :, 1].max(axis=1) + reach + 1, tall).astype(np.int64) - top, 0)

    # one entry for each row of each capsule, with the columns that the axis' part near that row can reach
    start, way, radius2 = ends[group, 0], ends[group, 1] - ends[group, 0], radii[group] ** 2
    length2 = np.maximum((way[:, :2] ** 2).sum(axis=1), 1e-3)
    tilt = way[:, 2] / np.sqrt((length2 + way[:, 2] ** 2) * length2)
    unit = way[:, :2] / length2[:, None]
    rise = np.where(np.abs(way[:, 1]) > 1e-3, way[:, 1], 1e-3)
    cut = np.where(kind[group] == SLEEVE, 0.0, -np.inf)
    fixed = [start[:, 2], way[:, 2], length2, tilt, radius2[:, 1] - radius2[:, 0], unit[:, 0], cut, group + 1]
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
    az, dz, l2, tilt, swell, ux, cut, owner_, u, inside, ax, pixel, x = np.repeat(pixels, columns, axis=1)
    x += np.arange(len(x), dtype=np.float32)
    pixel += x
    x -= ax
    u += x * ux
    inside -= x * x
    t = np.minimum(np.maximum(u, 0), 1)
    w = np.sqrt(np.maximum(inside + swell * t + l2 * u * u, 0))
    t = np.minimum(np.maximum(u + w * tilt, 0), 1)
    slack = inside + t * (swell + l2 * (u + u - t))
    hit = np.flatnonzero((slack > 0) & (u > cut))
    surface = (az + dz * t)[hit] + np.sqrt(slack[hit])
    place = pixel[hit].astype(np.intp)
    np.maximum.at(height.reshape(-1), place, surface)
    won = surface >= height.reshape(-1)[place]
    owner.reshape(-1)[place[won]] = owner_[hit[won]].astype(np.uint8)


def _albedo(body: Capsules, person: Person, view: View) -> Image:
    """Black, then each capsule's own colour, (1 + n, 3) uint8 RGB.

    Palm or back by which side is seen, redder at knuckles and tips.
    """
    facing = body.back @ view.rotation[2]
    back = np.clip(0.5 + 0.8 * facing, 0, 1)[:, None]
    colour = person.palm + back * (person.skin - person.palm)
    colour = colour * (1 + body.flush[:, None] * (BLUSH - 1) * 0.8)
    colour[body.kind == NAIL] = 0.45 * NAIL_TINT + 0.55 * person.skin
    colour[body.kind == SLEEVE] = person.sleeve
    return np.concatenate([np.zeros((1, 3)), np.minimum(colour, 255)]).astype(np.uint8)


def _shade(height: Plane, covered: npt.NDArray[np.uint8], light: Light, scale: float) -> Plane:
    """Light on a height map, as coarse as the picture: (height, width, 3) float32 of about 0..1.1.

    Lambert's law with light that creeps round (`SCATTER`), shadow of what stands between, darkness in the folds.
    """
    smooth = cv2.stackBlur(height, (2 * max(int(0.12 * scale), 1) + 1,) * 2)
    slope_x, slope_y = (
        np.minimum(np.maximum(cv2.Sobel(smooth, cv2.CV_32F, *way, scale=1 / 8), -STEEPEST), STEEPEST)
        for way in ((1, 0), (0, 1))
    )
    lx, ly, lz = light.direction.tolist()
    upright = slope_x * slope_x + slope_y * slope_y
    upright += 1
    np.divide(1, np.sqrt(upright, out=upright), out=upright)
    cosine = (lz - lx * slope_x - ly * slope_y) * upright * covered
    weight = np.maximum(_coarse(covered.astype(np.float32)), 1e-3)
    cosine, upright = _coarse(cosine) / weight, _coarse(upright * covered) / weight
    height, scale = _coarse(height) / FINE, scale / FINE
    cosine *= _unshadowed(height, light.direction, scale)
    around = cv2.stackBlur(height, (2 * int(scale) + 1,) * 2)
    folds = np.minimum(np.maximum((around - height) / (1.6 * scale), 0), 0.5)
    ambient = light.ambient * (0.72 + 0.28 * upright) * (1 - 1.3 * folds)
    gloss = 0.07 * np.maximum(cosine, 0) ** 12
    direct = np.maximum((cosine[..., None] + SCATTER) / (1 + SCATTER), 0)
    direct *= ((1.1 - light.ambient) * (1 - 0.6 * folds))[..., None]
    direct += (ambient + gloss)[..., None]
    return direct


def _unshadowed(height: Plane, direction: Points, scale: float) -> Plane:
    """1 where the lamp is seen, down to 0.25 where another part of the hand stands between."""
    flat = float(np.hypot(direction[0], direction[1]))
    over = np.full_like(height, -1e9)
    for step in (0.6, 1.2, 2.0):
        shift = np.array([[1, 0, -step * scale * direction[0]], [0, 1, -step * scale * direction[1]]])
        moved = cv2.warpAffine(height, shift, height.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        over = np.maximum(over, moved - np.float32(step * scale * direction[2]))
    hidden = np.minimum(np.maximum((over - height) / (0.5 * scale), 0), 1) if flat > 0 else np.zeros_like(height)
    return 1 - 0.75 * cv2.blur(hidden, (3, 3))
