"""Everything about a picture of a hand but the hand's pose: who, in what light, from where, and by what camera."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.backdrop import Canvas, in_rgb
from signs_edge.edge.synthetic.body import Person, sample_person
from signs_edge.edge.synthetic.pose import HandPose, Points
from signs_edge.edge.synthetic.render import Light, View

WRIST_SIDES = np.array([[-2.5, 0.5, 0.0], [2.5, 0.5, 0.0]])
BACK_SHARE = 0.3  # of the hands are seen from the back
CONTRAST = 48  # grey levels, in one channel at least, between a hand and what is behind it
# Least and most of a scene's light (how flat, how far, ambient, shadow), exposure, white balance, vignette, blur, noise.
SCENES = np.array(
    [
        [0.35, 0.03, 0.3, 0.0, 0.78, 0.94, 0.94, 0.94, -0.15, -0.5, 0.5],
        [0.8, 0.12, 0.6, 0.5, 1.12, *[1.06] * 3, 0.3, 0.7, 5.0],
    ]
)
ROOM = 0.93  # of the picture's side may be filled by the hand without its arm


@dataclass(frozen=True)
class Scene:
    """Everything about a picture but the hand's pose: who, in what light, how the camera renders it.

    Attributes:
        person: skin, build and clothes.
        light: on the hand.
        shadow: 0..1, how dark the hand's shadow on what is behind it.
        shadow_way: (x, y), where it falls, in shares of the picture's side.
        gain: (3,) factor on RGB: exposure and white balance.
        vignette: 0..1, how dark the corners.
        blur: of the finished picture, in pixels of a 64-pixel picture.
        noise: its standard deviation in grey levels.
    """

    person: Person
    light: Light
    shadow: float
    shadow_way: tuple[float, float]
    gain: Points
    vignette: float
    blur: float
    noise: float


def sample_scene(rng: np.random.Generator) -> Scene:
    """Choose a person, the light and the camera."""
    angle = rng.uniform(0, 2 * math.pi) if rng.random() < 0.3 else rng.uniform(-0.9, 0.9) - math.pi / 2
    # all at once: a call for each would take longer than what is made of them
    flat, distance, ambient, shadow, exposure, *balance, vignette, blur, noise = rng.uniform(*SCENES).tolist()
    x, y = flat * math.cos(angle), flat * math.sin(angle)
    return Scene(
        person=sample_person(rng),
        light=Light(np.array([x, y, math.sqrt(1 - flat**2)]), ambient),
        shadow=shadow,
        shadow_way=(-x * distance, -y * distance),
        gain=exposure * np.array(balance),
        vignette=max(0.0, vignette),
        blur=max(0.0, blur),
        noise=noise,
    )


def sample_view(pose: HandPose, rng: np.random.Generator) -> View:
    """Where the hand is seen from, about the origin and with the scale of a picture of side 1."""
    turned = 180.0 if rng.random() < BACK_SHARE else 0.0
    yaw = rng.uniform(-98, -76) if pose.ring else turned + rng.normal(0, 14)
    return View(
        yaw=math.radians(yaw),
        pitch=math.radians(min(max(rng.normal(0, 10), -25), 25)),
        roll=math.radians(min(max(rng.normal(0, 22), -60), 60)),
        mirror=rng.random() < 0.5,
        scale=rng.uniform(0.030, 0.046),
        centre=(0.0, 0.0),
    )


def sample_arm(rng: np.random.Generator) -> Points:
    """The direction from the wrist to the elbow."""
    sideways, back = math.radians(min(max(rng.normal(0, 12), -25), 25)), math.radians(rng.normal(0, 10))
    flat = math.cos(sideways)
    return np.array([math.sin(sideways), -flat * math.cos(back), -flat * math.sin(back)])


def fit_view(pose: HandPose, view: View, rng: np.random.Generator, size: tuple[int, int], room: float = ROOM) -> View:
    """Scale a view of unit pictures to `size` and shift it so that the hand, if not its arm, is inside."""
    side = min(size)
    view = dataclasses.replace(view, scale=view.scale * side)
    placed, grown = view.project(np.concatenate((pose.joints.reshape(-1, 3), WRIST_SIDES)))
    margin = float(grown.max())
    low, high = placed.min(axis=0).tolist(), placed.max(axis=0).tolist()
    spans = [(low[axis] - margin, high[axis] + margin) for axis in (0, 1)]
    shrink = min(1.0, room * side / max(most - least for least, most in spans))
    centre = []
    for (least, most), whole, chance in zip(spans, size[::-1], rng.normal(0, 0.45, 2).tolist(), strict=True):
        slack = side - shrink * (most - least)
        corner = slack * (0.5 + 0.5 * min(max(chance, -1.0), 1.0))
        centre.append(corner - shrink * least + (whole - side) / 2)
    return dataclasses.replace(view, scale=view.scale * shrink, centre=(centre[0], centre[1]))


def set_apart(backdrop: Image, hand: Image, mask: npt.NDArray[np.uint8]) -> Image:
    """Make a backdrop lighter or darker if the hand, black outside its mask, would be lost before it."""
    cover = max(cv2.mean(mask)[0] / 255, 1e-3)
    apart = np.array(cv2.mean(hand)[:3]) / cover - cv2.mean(backdrop, mask)[:3]
    if np.abs(apart).max() >= CONTRAST:
        return backdrop
    shift = -1.0 * CONTRAST if apart.mean() > 0 else 1.0 * CONTRAST
    if not 40 < cv2.mean(backdrop)[1] + shift < 215:
        shift = -1.5 * shift
    return np.asarray(np.clip(backdrop.astype(np.int16) + int(shift), 0, 255), dtype=np.uint8)


def lay_over(hand: Image, mask: npt.NDArray[Any], backdrop: Image, scene: Scene) -> Canvas:
    """Lay a hand (black outside its mask) with its shadow over a backdrop, all of the same size."""
    side = min(mask.shape)
    way = np.array([[1, 0, scene.shadow_way[0] * side], [0, 1, scene.shadow_way[1] * side]])
    spread = 2 * int(0.06 * side) + 1
    shadow = cv2.warpAffine(mask, way, mask.shape[::-1], flags=cv2.INTER_NEAREST)
    shadow = cv2.stackBlur(shadow, (spread, spread))
    # what is left of the backdrop: its light times what the hand leaves free
    share = (1 - shadow * np.float32(scene.shadow / 255)) * (1 - mask * np.float32(1 / 255))
    left = np.asarray(backdrop * in_rgb(share), dtype=np.float32)
    left += hand
    return left


def develop(picture: Canvas, scene: Scene, rng: np.random.Generator) -> Image:
    """What a camera does to a picture: blur, exposure and white balance, vignette, noise."""
    noise = rng.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(scene.noise)
    if scene.blur > 0.1:
        sigma = scene.blur * picture.shape[0] / 64
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.float32)
    return expose(picture, scene, noise)


def expose(picture: Canvas, scene: Scene, noise: npt.NDArray[Any]) -> Image:
    """Exposure and white balance, vignette, then noise (height, width), in grey as a camera's JPEG leaves it."""
    tall, wide = picture.shape[:2]
    # a row's pixels and channels as one axis: numpy is slow at broadcasting along an axis of three
    gain = np.tile(scene.gain.astype(np.float32), wide)
    seen = _from_centre(tall, wide) * (gain * np.float32(-scene.vignette / 2))
    seen += gain
    seen *= picture.reshape(tall, -1)
    seen += in_rgb(noise).reshape(tall, -1)
    return seen.clip(0, 255, out=seen).astype(np.uint8).reshape(tall, wide, 3)


@lru_cache(maxsize=4)
def _from_centre(height: int, width: int) -> Canvas:
    """The squared distance from the picture's centre, (height, 3·width) for RGB: 1 at the middle of each side."""
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    return np.asarray(np.repeat(x * x, 3) + (y * y)[:, None], dtype=np.float32)
