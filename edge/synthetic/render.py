"""A hand's body drawn: tapered capsules become a height map, and the height map a shaded picture with its mask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.body import NAIL, PALM, SLEEVE, Capsules, Person
from signs_edge.edge.synthetic.capsules import FAR, Plane, capsule_surfaces
from signs_edge.edge.synthetic.pose import Points

FINE = 2  # the height map's pixels across one of the picture's
CAMERA = 60.0  # centimetres from the lens to the hand; sets how much nearer parts grow
STEEPEST = 1.4  # slopes are cut here, so that outlines do not outshine what they bound
SCATTER = (0.42, 0.24, 0.18)  # how far light creeps round into the shade, of RGB: skin's red
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
    radii = body.radii * grown
    # the part of the picture with the hand, in whole pixels, and a rim
    low, high = (ends - radii[..., None]).min(axis=(0, 1)).tolist(), (ends + radii[..., None]).max(axis=(0, 1)).tolist()
    x0, y0 = max(int(low[0]) - 1, 0), max(int(low[1]) - 1, 0)
    x1, y1 = min(int(high[0]) + 2, size[1]), min(int(high[1]) + 2, size[0])
    if x0 >= x1 or y0 >= y1:
        return picture, mask
    part = np.s_[y0:y1, x0:x1]
    height, owner = _raise(body, FINE * (ends - (x0, y0, 0)), FINE * radii, (y1 - y0, x1 - x0), view.scale)
    covered = (owner > 0).view(np.uint8)
    floor = cv2.minMaxLoc(height, mask=covered)[0] - FINE * view.scale
    # a colour and its mask are four bytes: taken as one number, and made coarse at once
    colour = _albedo(body, person, view).view(np.uint32).reshape(-1).take(owner)
    colour = _coarse(colour.view(np.uint8).reshape(*colour.shape, 4))
    shade = _shade(np.maximum(height, np.float32(floor)), covered, light, view.scale)
    mask[part] = colour[..., 3]
    picture[part] = cv2.multiply(cv2.cvtColor(colour, cv2.COLOR_RGBA2RGB), shade, dtype=cv2.CV_8U)
    return picture, mask


def _coarse(fine: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The mean of each `FINE` × `FINE` pixels."""
    return cv2.resize(fine, (fine.shape[1] // FINE, fine.shape[0] // FINE), interpolation=cv2.INTER_AREA)


def _raise(
    body: Capsules, ends: Points, radii: Points, size: tuple[int, int], scale: float
) -> tuple[Plane, npt.NDArray[np.uint8]]:
    """The body's heights in fine pixels, and whose each is: 1 + the capsule's index, or 0.

    The palm's capsules are melted together before the others are laid over.
    """
    height = np.full((FINE * size[0], FINE * size[1]), FAR, dtype=np.float32)
    owner = np.zeros(height.shape, dtype=np.uint8)
    surfaces = capsule_surfaces(ends, radii, int(np.count_nonzero(body.kind == SLEEVE)), height.shape)
    palm, others = surfaces.split(int(np.count_nonzero(body.kind == PALM)))
    palm.claim(height, owner)
    height = _melt(height, owner, reach=FINE * scale)
    others.claim(height, owner)
    return height, owner


def _melt(height: Plane, owner: npt.NDArray[np.uint8], reach: float) -> Plane:
    """Blur by about `reach` pixels within the outline, which stays."""
    mask = owner > 0
    cover = mask.astype(np.float32)
    kernel = (2 * int(0.7 * reach / FINE) + 1,) * 2
    weight = cv2.stackBlur(_coarse(cover), kernel)
    blurred = cv2.stackBlur(_coarse(height * cover), kernel) / np.maximum(weight, 1e-3)
    np.copyto(height, cv2.resize(blurred, height.shape[::-1], interpolation=cv2.INTER_LINEAR), where=mask)
    return height


def _albedo(body: Capsules, person: Person, view: View) -> Image:
    """Nothing, then each capsule's own colour, (1 + n, 4) uint8 RGBA.

    Palm or back by which side is seen, redder at knuckles and tips.
    """
    facing = body.back @ view.rotation[2]
    back = np.clip(0.4 + 0.6 * facing, 0, 1)[:, None]
    colour = person.palm + back * (person.skin - person.palm)
    colour = colour * (1 + body.flush[:, None] * (BLUSH - 1) * 0.8)
    colour[body.kind == NAIL] = 0.45 * NAIL_TINT + 0.55 * person.skin
    colour[body.kind == SLEEVE] = person.sleeve
    table = np.zeros((1 + len(colour), 4), dtype=np.uint8)
    table[1:, :3] = np.minimum(colour, 255)
    table[1:, 3] = 255
    return table


def _shade(height: Plane, covered: npt.NDArray[np.uint8], light: Light, scale: float) -> Plane:
    """Light on a fine height map, as coarse as the picture: (height, width, 3) float32 of about 0..1.1.

    Lambert's law with light that creeps round (`SCATTER`), shadow of what stands between, darkness in the folds.
    `scale` is the picture's pixels per centimetre.
    """
    cover, floor = covered.astype(np.float32), float(height.min())
    weight = _coarse(cover)
    # at the outline the hand's own height, not half of the floor's, and beyond it carried on: the drop there would
    # draw a black line
    above = np.asarray(_coarse((height - np.float32(floor)) * cover), dtype=np.float32)
    kernel = (2 * max(round(0.12 * scale), 1) + 1,) * 2
    beyond = cv2.stackBlur(above, kernel) / (cv2.stackBlur(weight, kernel) + np.float32(1e-4))
    inside = weight > 0
    np.divide(above, weight, out=above, where=inside)
    height = above * np.float32(1 / FINE)
    np.copyto(beyond, above, where=inside)
    slope_x, slope_y = (
        cv2.Sobel(beyond, cv2.CV_32F, *way, ksize=1, scale=0.5 / FINE).clip(-STEEPEST, STEEPEST)
        for way in ((1, 0), (0, 1))
    )
    lx, ly, lz = light.direction.tolist()
    upright = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    cosine = (lz - lx * slope_x - ly * slope_y) * upright
    cosine *= _unshadowed(height, light.direction, scale)
    around = cv2.stackBlur(height, (2 * int(scale) + 1,) * 2)
    folds = ((around - height) * np.float32(1 / (1.8 * scale))).clip(0, 0.45)
    ambient = light.ambient * (0.72 + 0.28 * upright) * (1 - 1.1 * folds)
    gloss = np.maximum(cosine, 0)
    gloss *= gloss * gloss  # to the power of 12, by squares
    gloss *= gloss
    gloss *= gloss
    ambient += 0.07 * gloss
    lamp = (1.1 - light.ambient) * (1 - 0.5 * folds)
    # channel by channel: numpy is slow at broadcasting along an axis of three
    channels = [np.maximum(cosine * (1 / (1 + red)) + red / (1 + red), 0) * lamp + ambient for red in SCATTER]
    return np.asarray(cv2.merge(channels), dtype=np.float32)


def _unshadowed(height: Plane, direction: Points, scale: float) -> Plane:
    """1 where the lamp is seen, down to 0.4 where another part of the hand stands between."""
    flat = float(np.hypot(direction[0], direction[1]))
    over = np.full_like(height, -1e9)
    for step in (0.7, 1.6):
        shift = np.array([[1, 0, -step * scale * direction[0]], [0, 1, -step * scale * direction[1]]])
        moved = cv2.warpAffine(height, shift, height.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        over = np.maximum(over, moved - np.float32(step * scale * direction[2]))
    hidden = ((over - height) * np.float32(2 / scale)).clip(0, 1) if flat > 0 else np.zeros_like(height)
    return np.asarray(1 - 0.6 * cv2.blur(hidden, (3, 3)), dtype=np.float32)
