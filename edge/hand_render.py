"""A hand's body drawn: tapered capsules become a height map, and the height map a shaded picture with its mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from signs_edge.edge.hand_body import NAIL, PALM, SLEEVE, Capsules, Person
from signs_edge.edge.hand_pose import Points
from signs_edge.edge.images import Image

Plane: TypeAlias = npt.NDArray[np.float32]
"""One value per pixel, (height, width) or (height, width, channels) float32."""

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

    def rotation(self) -> Points:
        """(3, 3) from the hand's axes to the camera's: x right, y up, z to the camera."""
        (cy, cp, cr), (sy, sp, sr) = (
            np.cos([self.yaw, self.pitch, self.roll]),
            np.sin([self.yaw, self.pitch, self.roll]),
        )
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
    """Draw a hand on nothing.

    Args:
        body: what to draw.
        person: its colours.
        view: where from, in pixels of this picture.
        light: what lights it.
        size: (height, width) of the picture.

    Returns:
        RGB (height, width, 3) uint8, black where there is no hand, and the hard mask (height, width) uint8, 0 or 255.
    """
    ends, grown = view.project(body.ends)
    radii = body.radii * grown
    height, owner = _raise(ends, radii, body.kind, size)
    mask = height > FAR / 2
    floor = float(height[mask].min()) - 3 * view.scale if mask.any() else 0.0
    height = np.maximum(height, np.float32(floor))
    colour = _albedo(body, person, view)[owner]
    colour = cv2.GaussianBlur(colour, (0, 0), 0.18 * view.scale)
    lit = colour * _shade(height, light, view.scale)
    lit[~mask] = 0
    return np.clip(lit, 0, 255).astype(np.uint8), mask.astype(np.uint8) * 255


def _raise(
    ends: Points, radii: Points, kind: npt.NDArray[np.int64], size: tuple[int, int]
) -> tuple[Plane, npt.NDArray[np.uint8]]:
    """The capsules' heights in pixels, and whose each pixel is. The palm's capsules are melted together on the way."""
    height = np.full(size, FAR, dtype=np.float32)
    owner = np.zeros(size, dtype=np.uint8)
    grid = np.arange(max(size), dtype=np.float32)
    melted = False
    for i, (pair, radius) in enumerate(zip(ends.tolist(), radii.tolist(), strict=True)):
        if not melted and kind[i] != PALM:
            height, melted = _melt(height, sigma=0.35 * float(radii[0, 1])), True
        _raise_one(height, owner, grid, pair, radius, i, flat=kind[i] == SLEEVE)
    return height, owner


def _melt(height: Plane, sigma: float) -> Plane:
    """Blur within the outline, which stays."""
    mask = (height > FAR / 2).astype(np.float32)
    blurred = cv2.GaussianBlur(height * mask, (0, 0), sigma)
    weight = cv2.GaussianBlur(mask, (0, 0), sigma)
    return np.where(mask > 0, blurred / np.maximum(weight, 1e-3), height)


def _raise_one(
    height: Plane,
    owner: npt.NDArray[np.uint8],
    grid: Plane,
    pair: list[list[float]],
    radius: list[float],
    index: int,
    flat: bool,
) -> None:
    """Raise `height` to one capsule where that is higher, and mark what it won in `owner`.

    The surface over a pixel is the highest point of the spheres along the axis: the sphere whose centre lies
    w·dz/|D| further along than the pixel, w² = r² − v², v the distance from the axis in the picture. That is exact for
    an even thickness, and near enough for a taper. `flat` cuts the first end off square instead of rounding it.
    """
    (ax, ay, az), (bx, by, bz) = pair
    ra, rb = radius
    x0, x1 = max(int(min(ax - ra, bx - rb)), 0), min(int(max(ax + ra, bx + rb)) + 2, height.shape[1])
    y0, y1 = max(int(min(ay - ra, by - rb)), 0), min(int(max(ay + ra, by + rb)) + 2, height.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    dx, dy, dz = bx - ax, by - ay, bz - az
    length = max((dx * dx + dy * dy) ** 0.5, 1e-3)
    ux, uy = dx / length, dy / length
    x, y = grid[x0:x1] - ax, (grid[y0:y1] - ay)[:, None]
    u, v2 = x * ux + y * uy, x * uy - y * ux
    v2 *= v2
    t = np.clip(u / length, 0, 1)
    lean = dz / (length * length + dz * dz) ** 0.5 / length
    if abs(lean * length) > 0.12:
        w = np.sqrt(np.maximum((ra + (rb - ra) * t) ** 2 - v2, 0))
        t = np.clip(u / length + w * lean, 0, 1)
    slack = (ra + (rb - ra) * t) ** 2 - v2 - (u - length * t) ** 2
    surface = az + dz * t + np.sqrt(np.maximum(slack, 0))
    over = height[y0:y1, x0:x1]
    won = (slack > 0) & (surface > over)
    if flat:
        won &= u > 0
    np.copyto(over, surface, where=won)
    owner[y0:y1, x0:x1][won] = index


def _albedo(body: Capsules, person: Person, view: View) -> Plane:
    """Each capsule's own colour, (n, 3) float32 RGB: palm or back by which side is seen, redder at knuckles and tips."""
    facing = body.back @ view.rotation()[2]
    back = np.clip(0.5 + 0.8 * facing, 0, 1)[:, None]
    colour = person.palm + back * (person.skin - person.palm)
    colour = colour * (1 + body.flush[:, None] * (BLUSH - 1) * 0.8)
    colour[body.kind == NAIL] = 0.45 * NAIL_TINT + 0.55 * person.skin
    colour[body.kind == SLEEVE] = person.sleeve
    return colour.astype(np.float32)


def _shade(height: Plane, light: Light, scale: float) -> Plane:
    """Light on a height map, (height, width, 3) float32 of about 0..1.1.

    Lambert's law with light that creeps round (`SCATTER`), shadow of what stands between, darkness in the folds.
    """
    smooth = cv2.GaussianBlur(height, (0, 0), 0.12 * scale)
    slope_x = np.clip(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), -STEEPEST, STEEPEST)
    slope_y = np.clip(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8), -STEEPEST, STEEPEST)
    lx, ly, lz = light.direction.tolist()
    upright = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    cosine = (lz - lx * slope_x - ly * slope_y) * upright
    cosine = cosine * _unshadowed(height, light.direction, scale)
    folds = np.clip((cv2.GaussianBlur(height, (0, 0), 0.45 * scale) - height) / (1.6 * scale), 0, 0.5)
    ambient = light.ambient * (0.72 + 0.28 * upright) * (1 - 1.3 * folds)
    direct = np.clip((cosine[..., None] + SCATTER) / (1 + SCATTER), 0, 1) * (1 - 0.6 * folds)[..., None]
    gloss = 0.07 * np.clip(cosine, 0, 1) ** 12
    shade: Plane = ambient[..., None] + (1.1 - light.ambient) * direct + gloss[..., None]
    return shade


def _unshadowed(height: Plane, direction: Points, scale: float) -> Plane:
    """1 where the lamp is seen, down to 0.25 where another part of the hand stands between."""
    rise = float(direction[2] / max(np.hypot(direction[0], direction[1]), 1e-3))
    over = np.full_like(height, -1e9)
    for step in (0.6, 1.2, 2.0):
        shift = np.float32([[1, 0, -step * scale * direction[0]], [0, 1, -step * scale * direction[1]]])
        length = step * scale * float(np.hypot(direction[0], direction[1]))
        moved = cv2.warpAffine(height, shift, height.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        over = np.maximum(over, moved - length * rise)
    hidden = cv2.blur(np.clip((over - height) / (0.5 * scale), 0, 1), (3, 3))
    return 1 - 0.75 * hidden
