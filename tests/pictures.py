"""Fixtures: drawn pictures, with and without hands, and damaged copies of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from signs_edge.edge.synthetic.hands import draw_hand_with_mask, draw_hands


@dataclass(frozen=True)
class WallPhotos:
    """Drawn hands before a plain light wall, as SIGNS has them.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        masks: (n, 64, 64) uint8, 255 on the hand: the truth.
        labels: (n,) int64 counts, 0 to 5 in turn.
    """

    images: np.ndarray
    masks: np.ndarray
    labels: np.ndarray


@pytest.fixture(scope="session")
def wall_photos() -> WallPhotos:
    """Thirty-six of them."""
    rng = np.random.default_rng(0)
    labels = np.arange(36, dtype=np.int64) % 6
    photos, masks = zip(*(photograph_before_wall(int(count), rng) for count in labels), strict=True)
    return WallPhotos(np.stack(photos), np.stack(masks), labels)


@pytest.fixture(scope="session")
def wall_cutouts(wall_photos: WallPhotos) -> list[Any]:
    """Their hands, cut out once."""
    from signs_edge.train.hands.hands import cut_all

    return list(cut_all(wall_photos.images))


@pytest.fixture(scope="session")
def blotches() -> Callable[[int, int], np.ndarray]:
    """A function of a number and a seed to so many pictures of blotches, each unlike the others."""
    return draw_blotches


@pytest.fixture(scope="session")
def drawn_hands() -> tuple[np.ndarray, np.ndarray]:
    """Drawn hands, each unlike the others: RGB (60, 64, 64, 3) uint8 and counts (60,) int64."""
    return draw_hands(60, seed=3)


@pytest.fixture(scope="session")
def tampered() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """What a copy may have gone through, by name: functions of a (64, 64, 3) uint8 picture."""

    def moved(x: float, y: float, zoom: float = 1.0) -> Callable[[np.ndarray], np.ndarray]:
        matrix = np.array([[zoom, 0, x + 31.5 * (1 - zoom)], [0, zoom, y + 31.5 * (1 - zoom)]], np.float32)
        return lambda picture: cv2.warpAffine(picture, matrix, (64, 64), borderMode=cv2.BORDER_REPLICATE)

    def lit(gain: float, offset: float) -> Callable[[np.ndarray], np.ndarray]:
        return lambda picture: np.clip(picture.astype(np.float32) * gain + offset, 0, 255).astype(np.uint8)

    def jpeg(picture: np.ndarray) -> np.ndarray:
        return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_COLOR)

    def mirrored(picture: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(picture[:, ::-1])

    return {
        "jpeg": jpeg,
        "brighter": lit(1, 30),
        "darker": lit(0.7, 0),
        "shifted by 1": moved(1, -1),
        "shifted by 2": moved(-2, 2),
        "mirrored": mirrored,
        "zoomed": moved(0, 0, 1.03),
        "all at once": lambda picture: jpeg(lit(1.05, 8)(moved(1, 1)(mirrored(picture)))),
    }


@pytest.fixture(scope="session")
def grey_frames() -> Callable[[int], list[np.ndarray]]:
    """A function of n to n frames, (48, 64, 3) uint8, each 20 brighter than the one before; JPEG keeps them apart."""
    return lambda n: [np.full((48, 64, 3), 20 * (1 + index % 12), np.uint8) for index in range(n)]


def photograph_before_wall(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A (64, 64, 3) uint8 RGB drawn hand before a wall lit from one side, and its (64, 64) uint8 mask."""
    drawn, mask = draw_hand_with_mask(count, rng, 64)
    y, x = np.mgrid[0:64, 0:64] / 64 - 0.5
    slope = rng.uniform(-0.1, 0.1, 2)
    wall = rng.uniform(195, 225) * (1 + slope[0] * x + slope[1] * y)[..., np.newaxis] * np.array([1, 0.98, 0.95])
    # At its edge the drawing is mixed with its own backdrop: take the hand's colours from within.
    core = cv2.erode((mask > 127).astype(np.float32), np.ones((3, 3)))[..., np.newaxis]
    nearby = cv2.GaussianBlur(drawn * core, (0, 0), 2) / np.maximum(
        cv2.GaussianBlur(core, (0, 0), 2)[..., np.newaxis], 1e-3
    )
    alpha = mask[..., np.newaxis] / 255
    photo = wall * (1 - alpha) + np.where(core > 0, drawn, nearby) * alpha + rng.normal(0, 1, (64, 64, 1))
    return np.clip(photo, 0, 255).astype(np.uint8), mask


def draw_blotches(n: int, seed: int) -> np.ndarray:
    """(n, 64, 64, 3) uint8 RGB blotches of random colours."""
    rng = np.random.default_rng(seed)
    tint = rng.uniform(0, 1, (n, 1, 1, 3))
    coarse = (rng.integers(0, 256, (n, 4, 4, 3)) * tint).astype(np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)
