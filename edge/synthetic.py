"""Synthetic hands: drawn, not photographed. Single pictures, balanced data sets and camera-like clips with true counts.

They let everything be tried where no photos are, and show training the finger choices that SIGNS lacks (a 3 in SIGNS is
always thumb, index and middle finger). All chance comes from a seed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from signs_edge.edge.backdrop import Canvas, draw_backdrop
from signs_edge.edge.errors import UsageError
from signs_edge.edge.hand_body import Person, hand_body, sample_person
from signs_edge.edge.hand_pose import COUNTS, FINGERS, HandPose, Points, sample_pose
from signs_edge.edge.hand_render import Light, View, render_hand
from signs_edge.edge.images import Image, Images, Labels

__all__ = ["FINGERS", "contact_sheet", "draw_hand", "draw_hand_with_mask", "draw_hands", "synthetic_frames"]

SMALLEST = 16  # pixels; below this, fingers are thinner than a pixel
BACK_SHARE = 0.3  # of the hands are seen from the back
ROOM = 0.93  # of the picture's side may be filled by the hand without its arm
CLIP_ROOM = 0.82  # the same in a clip, where the hand sways
CLIP_SIDE = 160  # pixels of the shorter side at which a clip's hand is drawn


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


def draw_hand(count: int, rng: np.random.Generator, size: int = 64) -> Image:
    """Draw one random scene with a hand that shows a count.

    Args:
        count: 0 to 5 raised fingers. 0 is the O of SIGNS or a fist.
        rng: the only source of chance.
        size: the picture's side in pixels.

    Returns:
        RGB (size, size, 3) uint8.

    Raises:
        UsageError: count or size is not allowed.
    """
    return draw_hand_with_mask(count, rng, size)[0]


def draw_hand_with_mask(count: int, rng: np.random.Generator, size: int = 64) -> tuple[Image, npt.NDArray[np.uint8]]:
    """Like `draw_hand`, and beside it where the hand and its arm are: (size, size) uint8, 0 none to 255 all hand."""
    _check_size(size)
    pose = sample_pose(count, rng)
    scene = _sample_scene(rng)
    view = _fit(pose, _sample_view(pose, rng), rng, (size, size))
    arm = _sample_arm(rng)
    backdrop = draw_backdrop(rng, (size, size))
    hand, mask = render_hand(hand_body(pose, scene.person, arm), scene.person, view, scene.light, (size, size))
    return _develop(_compose(hand, mask, backdrop, scene), scene, rng), mask


def draw_hands(n: int, seed: int, size: int = 64) -> tuple[Images, Labels]:
    """Draw a data set.

    Args:
        n: how many pictures; of any six in a row from a multiple of six on, each shows another count.
        seed: 0 or more. Picture i depends on it and on i only, whatever n is.
        size: the pictures' side in pixels.

    Returns:
        RGB (n, size, size, 3) uint8 and counts (n,) int64.

    Raises:
        UsageError: n, seed or size is not allowed.
    """
    if n < 0:
        raise UsageError(f"n must be 0 or more pictures. Received: {n}")
    _check_seed(seed)
    _check_size(size)
    images = np.empty((n, size, size, 3), dtype=np.uint8)
    rounds = [np.random.default_rng((seed, 0, i)).permutation(COUNTS) for i in range(math.ceil(n / COUNTS))]
    labels = np.array(rounds, dtype=np.int64).reshape(-1)[:n]
    for i, count in enumerate(labels.tolist()):
        images[i] = draw_hand(count, np.random.default_rng((seed, 1, i)), size)
    return images, labels


def synthetic_frames(seed: int = 0, width: int = 640, height: int = 480, hold: int = 45) -> Iterator[tuple[Image, int]]:
    """An endless clip as from a camera: one person before one backdrop counts at random, the hand swaying a little.

    Args:
        seed: 0 or more; the same clip again.
        width: of the frames, in pixels.
        height: of the frames, in pixels. The hand is inside the centre square, its arm may leave it.
        hold: frames that each count is held for; the next one is another.

    Yields:
        RGB (height, width, 3) uint8 and the true count. Each frame is an array of its own.

    Raises:
        UsageError: seed, width, height or hold is not allowed; at the call, not at the first frame.
    """
    _check_seed(seed)
    if min(width, height) < SMALLEST:
        raise UsageError(f"width and height must be at least {SMALLEST} pixels. Received: {width}x{height}")
    if hold < 1:
        raise UsageError(f"hold must be at least 1 frame. Received: {hold}")
    return _frames(np.random.default_rng((seed, 3)), (height, width), hold)


def _frames(rng: np.random.Generator, size: tuple[int, int], hold: int) -> Iterator[tuple[Image, int]]:
    scene = dataclasses.replace(_sample_scene(rng), blur=0.0)
    backdrop = draw_backdrop(rng, size)
    # the hand is drawn coarser than the frame where that is large: its outline is soft in a camera's picture too
    factor = max(1.0, min(size) / CLIP_SIDE)
    coarse = (round(size[0] / factor), round(size[1] / factor))
    grain = rng.normal(0, scene.noise, (8, *size, 1)).astype(np.int8)
    tick, last = 0, -1
    while True:
        last = int(rng.choice([count for count in range(COUNTS) if count != last]))
        pose = sample_pose(last, rng)
        view = _fit(pose, dataclasses.replace(_sample_view(pose, rng), mirror=False), rng, coarse, room=CLIP_ROOM)
        body = hand_body(pose, scene.person, _sample_arm(rng))
        for _ in range(hold):
            hand, mask = render_hand(body, scene.person, _sway(view, tick), scene.light, coarse)
            whole = (size[1], size[0])
            frame = _compose(cv2.resize(hand, whole), cv2.resize(mask, whole), backdrop, scene)
            yield _expose(frame, scene, grain[tick % len(grain)]), last
            tick += 1


def _sway(view: View, tick: int) -> View:
    """A hand is never still: two slow swings that do not repeat together, a few degrees and hundredths of its size."""
    slow, fast = math.sin(tick / 11.0), math.sin(tick / 6.3 + 1.0)
    drift = 0.45 * view.scale
    return dataclasses.replace(
        view,
        yaw=view.yaw + 0.06 * slow,
        pitch=view.pitch + 0.05 * fast,
        roll=view.roll + 0.05 * slow + 0.02 * fast,
        centre=(view.centre[0] + drift * fast, view.centre[1] + drift * slow),
    )


def contact_sheet(seed: int = 0, columns: int = 12, size: int = 64) -> Image:
    """Drawings on one sheet: a row for each count, 0 at the top. RGB (6·size, columns·size, 3) uint8."""
    _check_seed(seed)
    if columns < 1:
        raise UsageError(f"columns must be at least 1. Received: {columns}")
    rows = [
        np.concatenate(
            [draw_hand(count, np.random.default_rng((seed, 2, count, i)), size) for i in range(columns)], axis=1
        )
        for count in range(COUNTS)
    ]
    return np.concatenate(rows, axis=0)


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise UsageError(f"seed must be 0 or more. Received: {seed}")


def _check_size(size: int) -> None:
    if size < SMALLEST:
        raise UsageError(f"size must be at least {SMALLEST} pixels. Received: {size}")


def _sample_scene(rng: np.random.Generator) -> Scene:
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.3 else rng.uniform(-0.9, 0.9) - np.pi / 2
    flat = rng.uniform(0.35, 0.8)
    direction = np.array([flat * np.cos(angle), flat * np.sin(angle), math.sqrt(1 - flat**2)])
    distance = rng.uniform(0.03, 0.12)
    return Scene(
        person=sample_person(rng),
        light=Light(direction, rng.uniform(0.3, 0.6)),
        shadow=rng.uniform(0.0, 0.5),
        shadow_way=(float(-direction[0] * distance), float(-direction[1] * distance)),
        gain=rng.uniform(0.78, 1.12) * rng.uniform(0.94, 1.06, 3),
        vignette=max(0.0, rng.uniform(-0.15, 0.3)),
        blur=max(0.0, rng.uniform(-0.5, 0.7)),
        noise=rng.uniform(0.5, 6.0),
    )


def _sample_view(pose: HandPose, rng: np.random.Generator) -> View:
    """Where the hand is seen from, about the origin and with a tenth of a picture's side for 1.9 cm."""
    if pose.ring:
        yaw = np.deg2rad(rng.uniform(-98, -76))
    else:
        yaw = np.deg2rad(rng.normal(0, 14)) + (np.pi if rng.random() < BACK_SHARE else 0.0)
    return View(
        yaw=float(yaw),
        pitch=float(np.deg2rad(np.clip(rng.normal(0, 10), -25, 25))),
        roll=float(np.deg2rad(np.clip(rng.normal(0, 22), -60, 60))),
        mirror=bool(rng.random() < 0.5),
        scale=float(rng.uniform(0.030, 0.046)),
        centre=(0.0, 0.0),
    )


def _sample_arm(rng: np.random.Generator) -> Points:
    """The direction from the wrist to the elbow."""
    sideways, back = np.deg2rad([np.clip(rng.normal(0, 12), -25, 25), rng.normal(0, 10)])
    return np.array([np.sin(sideways), -np.cos(sideways) * np.cos(back), -np.sin(back) * np.cos(sideways)])


def _fit(pose: HandPose, view: View, rng: np.random.Generator, size: tuple[int, int], room: float = ROOM) -> View:
    """Scale a view of unit pictures to `size` and shift it so that the hand, if not its arm, is inside."""
    side = min(size)
    view = dataclasses.replace(view, scale=view.scale * side)
    points = np.concatenate([pose.joints.reshape(-1, 3), [[-2.5, 0.5, 0.0], [2.5, 0.5, 0.0]]])
    placed, grown = view.project(points)
    margin = float(grown.max())
    low, high = placed[:, :2].min(axis=0) - margin, placed[:, :2].max(axis=0) + margin
    shrink = min(1.0, room * side / float((high - low).max()))
    low, high = shrink * low, shrink * high
    slack = side - (high - low)
    corner = slack * (0.5 + 0.5 * np.clip(rng.normal(0, 0.45, 2), -1, 1))
    offset = corner - low + (np.array(size[::-1]) - side) / 2
    return dataclasses.replace(view, scale=view.scale * shrink, centre=(float(offset[0]), float(offset[1])))


def _compose(hand: Image, mask: npt.NDArray[np.uint8], backdrop: Image, scene: Scene) -> Canvas:
    """Lay a hand (black outside its mask) with its shadow over a backdrop of the same size."""
    side = min(mask.shape)
    way = np.array([[1, 0, scene.shadow_way[0] * side], [0, 1, scene.shadow_way[1] * side]])
    spread = 2 * int(0.06 * side) + 1
    shadow = cv2.stackBlur(cv2.warpAffine(mask, way, mask.shape[::-1]), (spread, spread))
    # what is left of the backdrop: its light times what the hand leaves free
    share = (1 - shadow * np.float32(scene.shadow / 255)) * (1 - mask * np.float32(1 / 255))
    left: Canvas = backdrop * share[..., None]
    left += hand
    return left


def _develop(picture: Canvas, scene: Scene, rng: np.random.Generator) -> Image:
    """What a camera does to a picture: blur, exposure and white balance, vignette, noise."""
    if scene.blur > 0.1:
        picture = cv2.GaussianBlur(picture, (0, 0), scene.blur * picture.shape[0] / 64)
    return _expose(picture, scene, rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(scene.noise))


def _expose(picture: Canvas, scene: Scene, noise: npt.NDArray[Any]) -> Image:
    """Exposure and white balance, vignette, then noise: of the picture's shape, or one value for a pixel's channels."""
    height, width = picture.shape[:2]
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    corner = (1 - np.float32(scene.vignette / 2) * (x * x + (y * y)[:, None]))[..., None]
    seen = picture * (corner * scene.gain.astype(np.float32))
    seen += noise
    return np.minimum(np.maximum(seen, 0), 255).astype(np.uint8)
