"""Synthetic hands: drawn, not photographed. Single pictures, balanced data sets and camera-like clips with true counts.

They let everything be tried where no photos are, and show training the finger choices that SIGNS lacks (a 3 in SIGNS is
always thumb, index and middle finger). All chance comes from a seed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Labels
from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.backdrop import draw_backdrop
from signs_edge.edge.synthetic.body import hand_body
from signs_edge.edge.synthetic.pose import COUNTS, sample_pose
from signs_edge.edge.synthetic.render import View, render_hand
from signs_edge.edge.synthetic.scene import (
    develop,
    expose,
    fit_view,
    lay_over,
    sample_arm,
    sample_scene,
    sample_view,
    set_apart,
)

SMALLEST = 16  # pixels; below this, fingers are thinner than a pixel
LARGEST = 1024  # pixels of a drawing; a hand has no more detail than that
CLIP_ROOM = 0.82  # of a clip's centre square may be filled by the hand, which sways there
CLIP_SIDE = 160  # pixels of the shorter side at which a clip's hand is drawn


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
    scene = sample_scene(rng)
    view = fit_view(pose, sample_view(pose, rng), rng, (size, size))
    arm = sample_arm(rng)
    backdrop = draw_backdrop(rng, (size, size))
    hand, mask = render_hand(hand_body(pose, scene.person, arm), scene.person, view, scene.light, (size, size))
    backdrop = set_apart(backdrop, hand, mask)
    return develop(lay_over(hand, mask, backdrop, scene), scene, rng), mask


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
    with _one_thread():
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
    scene = dataclasses.replace(sample_scene(rng), blur=0.0)
    backdrop = draw_backdrop(rng, size)
    # the hand is drawn coarser than the frame where that is large: its outline is soft in a camera's picture too
    factor = max(1.0, min(size) / CLIP_SIDE)
    coarse = (round(size[0] / factor), round(size[1] / factor))
    grain = rng.normal(0, scene.noise, (8, *size)).astype(np.int8)
    tick, last = 0, -1
    while True:
        last = int(rng.choice([count for count in range(COUNTS) if count != last]))
        pose = sample_pose(last, rng)
        view = fit_view(pose, dataclasses.replace(sample_view(pose, rng), mirror=False), rng, coarse, room=CLIP_ROOM)
        body = hand_body(pose, scene.person, sample_arm(rng))
        for _ in range(hold):
            with _one_thread():  # not while the caller has the frame
                hand, mask = render_hand(body, scene.person, _sway(view, tick), scene.light, coarse)
                whole = (size[1], size[0])
                frame = lay_over(
                    np.asarray(cv2.resize(hand, whole), dtype=np.uint8), cv2.resize(mask, whole), backdrop, scene
                )
                picture = expose(frame, scene, grain[tick % len(grain)])
            yield picture, last
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


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let OpenCV use one thread in here, and afterwards as many as before.

    Small pictures gain nothing from its own threads, which keep every core busy.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise UsageError(f"seed must be 0 or more. Received: {seed}")


def _check_size(size: int) -> None:
    if not SMALLEST <= size <= LARGEST:
        raise UsageError(f"size must be {SMALLEST} to {LARGEST} pixels. Received: {size}")
