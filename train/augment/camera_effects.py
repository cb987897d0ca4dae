"""What a camera does to a picture: exposure, colour, blur, noise, compression; for training, not for judging."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image

Canvas = npt.NDArray[np.float32]


def occlude(picture: Canvas, alpha: Canvas, rng: np.random.Generator) -> Canvas:
    """Cover part of the picture with a flat rectangle, but less than an eighth of the hand.

    Args:
        picture: (h, w, 3) float32 0..255; changed in place.
        alpha: (h, w) float32, 1 on the hand.
        rng: the only source of chance.
    """
    height, width = picture.shape[:2]
    for _ in range(4):
        h, w = rng.integers(4, 26, 2)
        top, left = rng.integers(-h // 2, height - h // 2), rng.integers(-w // 2, width - w // 2)
        covered = np.s_[max(top, 0) : top + h, max(left, 0) : left + w]
        if float(alpha[covered].sum()) < 0.125 * float(alpha.sum()):
            picture[covered] = rng.uniform(0, 255, 3)
            break
    return picture


def in_pieces(picture: Image, rng: np.random.Generator) -> Image:
    """The tiles of a (64, 64, 3) uint8 picture in another order: its colours and edges, but no hand."""
    tiles = int(rng.choice((3, 4)))
    side = len(picture) // tiles
    mixed = picture.copy()
    order = rng.permutation(tiles * tiles)
    for place, source in enumerate(order):
        (top, left), (from_top, from_left) = divmod(place, tiles), divmod(int(source), tiles)
        tile = picture[from_top * side : (from_top + 1) * side, from_left * side : (from_left + 1) * side]
        mixed[top * side : (top + 1) * side, left * side : (left + 1) * side] = np.rot90(tile, int(rng.integers(4)))
    return np.asarray(cv2.GaussianBlur(mixed, (0, 0), 0.5), np.uint8) if rng.random() < 0.5 else mixed


def photograph(picture: Canvas, rng: np.random.Generator, strength: float) -> Image:
    """Take the picture with a random camera in random light.

    Args:
        picture: (h, w, 3) float32 RGB 0..255 and a little beyond.
        rng: the only source of chance.
        strength: 0 changes next to nothing, 1 is the full range.

    Returns:
        (h, w, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    gain = np.exp(rng.normal(0, 0.1 * strength, 3)) * np.exp(rng.normal(0, 0.22 * strength))
    if rng.random() < 0.1 * strength:  # a dim room
        gain *= rng.uniform(0.3, 0.7)
    lift, contrast = rng.normal(0, 10 * strength), np.exp(rng.normal(0, 0.15 * strength))
    colours = np.diag(gain * contrast)
    if rng.random() < 0.08 * strength:
        colours = np.tile([0.299, 0.587, 0.114], (3, 1)) @ colours
    # Contrast turns about the middle of 128.
    matrix = np.column_stack([colours, np.full(3, 128 + lift - 128 * contrast)])
    picture = np.asarray(cv2.transform(picture, matrix), np.float32)
    chance = rng.random()
    if chance < 0.3 * strength:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.1)), np.float32)
    elif chance < 0.4 * strength:
        picture = np.asarray(cv2.filter2D(picture, -1, _motion(rng)), np.float32)
    elif chance < 0.55 * strength:
        share = rng.uniform(0.45, 0.9)
        small = cv2.resize(picture, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    if rng.random() < 0.6 * strength:
        noise = rng.standard_normal(picture.shape, np.float32)
        if rng.random() < 0.3:
            noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * np.float32(2)
        picture = picture + noise * np.float32(rng.uniform(0, 11))
    gamma = np.exp(rng.normal(0, 0.2 * strength))
    levels = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    taken: Image = np.asarray(cv2.LUT(cv2.convertScaleAbs(np.maximum(picture, 0)), levels), np.uint8)
    if rng.random() < 0.4 * strength:
        taken = _jpeg(taken, int(rng.integers(20, 95)))
    return taken


def _motion(rng: np.random.Generator) -> Canvas:
    """A line of 3 to 5 pixels, in one of four directions."""
    length = int(rng.integers(3, 6))
    kernel = np.zeros((length, length), np.float32)
    middle = length // 2
    direction = rng.integers(4)
    if direction == 0:
        kernel[middle] = 1
    elif direction == 1:
        kernel[:, middle] = 1
    else:
        np.fill_diagonal(kernel if direction == 2 else kernel[::-1], 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _jpeg(picture: Image, quality: int) -> Image:
    # OpenCV takes the channels for BGR; which of red and blue is which matters little to what is lost.
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
