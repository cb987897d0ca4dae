"""A hand's body drawn: tapered capsules become a height map, and the height map a shaded picture with its mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.hand_body import FINGER, NAIL, PALM, SLEEVE, Capsules, Person
from signs_edge.edge.hand_pose import Points
from signs_edge.edge.images import Image

Plane: TypeAlias = npt.NDArray[np.float32]
"""One value per pixel, (height, width) or (height, width, channels) float32."""

FINE = 2  # the height map's pixels across one of the picture's
FAR = -1e4  # the height, in pixels, of where there is no hand
CAMERA = 60.0  # centimetres from the lens to the hand; sets how much nearer parts grow
STEEPEST = 2.5  # slopes are cut here, so that outlines do not outshine what they bound
SCATTER = np.array([0.42, 0.24, 0.18], dtype=np.float32)  # how far light creeps round into the shade, of RGB: skin's red
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

    def rotation(self) -> Points:
        """(3, 3) from the hand's axes to the camera's: x right, y up, z to the camera."""
        (cy, cp, cr), (sy, sp, sr) = np.cos([self.yaw, self.pitch, self.roll]), np.sin([self.yaw, self.pitch, self.roll])
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        turned: Points = roll @ pitch @ yaw @ np.diag([-1.0 if self.mirror else 1.0, 1.0, 1.0])
        return turned

    def project(self, points: Points) -> tuple[Points, Points]:
        """Points (..., 3) in centimetres to pixels: (..., 3) as x, y (down) and height; and (...) pixels per centimetre."""
        seen = (points - (0.0, self.pivot, 0.0)) @ self.rotation().T
        grown = self.scale * CAMERA / np.maximum(CAMERA - seen[..., 2], 0.3 * CAMERA)
        placed = seen * (1.0, -1.0, 1.0) * grown[..., None]
        placed[..., :2] += self.centre
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

    The pixels of all capsules' bounding boxes are worked on as one long row: small arrays would cost their calls.
    """
    tall, wide = height.shape
    low = np.maximum((ends[group, :, :2] - radii[group, :, None]).min(axis=1), 0).astype(np.int64)
    high = np.minimum((ends[group, :, :2] + radii[group, :, None]).max(axis=1) + 1, (wide, tall)).astype(np.int64)
    box = np.maximum(high - low, 0)
    area = box[:, 0] * box[:, 1]
    group, low, box, area = group[area > 0], low[area > 0], box[area > 0], area[area > 0]
    if not len(group):
        return
    start, way, radius2 = ends[group, 0], ends[group, 1] - ends[group, 0], radii[group] ** 2
    length2 = np.maximum((way[:, :2] ** 2).sum(axis=1), 1e-3)
    lean = way[:, 2] / np.sqrt((length2 + way[:, 2] ** 2) * length2)
    unit = way[:, :2] / length2[:, None]
    swell = radius2[:, 1] - radius2[:, 0]
    first = np.cumsum(area) - area
    values = np.stack(
        [first, box[:, 0], 1 / box[:, 0], *low.T, *start.T, *unit.T, way[:, 2], length2, lean, radius2[:, 0], swell]
    )
    parts = np.repeat(values.astype(np.float32), area, axis=1)
    begin, width, per_width, left, top, ax, ay, az, ux, uy, dz, l2, tilt, inside, swell_ = parts

    place = np.arange(len(begin), dtype=np.float32) - begin
    row = np.floor((place + np.float32(0.5)) * per_width)
    column = place - row * width + left
    row += top
    x, y = column - ax, row - ay
    u = x * ux + y * uy
    inside -= x * x
    inside -= y * y
    t = np.minimum(np.maximum(u, 0), 1)
    w = np.sqrt(np.maximum(inside + swell_ * t + l2 * u * u, 0))
    t = np.minimum(np.maximum(u + w * tilt, 0), 1)
    slack = inside + t * (swell_ + l2 * (u + u - t))
    hit = slack > 0
    cut = kind[group] == SLEEVE
    if cut.any():
        hit &= (u > 0) | ~np.repeat(cut, area)
    surface = (az + dz * t)[hit] + np.sqrt(slack[hit])
    pixel = (row * wide + column)[hit].astype(np.intp)
    np.maximum.at(height.reshape(-1), pixel, surface)
    won = surface >= height.reshape(-1)[pixel]
    owner.reshape(-1)[pixel[won]] = (np.repeat(group, area)[hit][won] + 1).astype(np.uint8)


def _albedo(body: Capsules, person: Person, view: View) -> Image:
    """Black, then each capsule's own colour, (1 + n, 3) uint8 RGB: palm or back by which side is seen, redder at knuckles and tips."""
    facing = body.back @ view.rotation()[2]
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
