"""Augmentation: each epoch shows the same hands a little turned, moved, sized, mirrored and lit otherwise."""

from __future__ import annotations

import cv2
import numpy as np

from signs_edge.edge.arrays import Images

MAX_ROTATION = 20.0  # degrees
MAX_ZOOM = 0.15  # of the hand's size, up or down
MAX_SHIFT = 0.08  # of the picture's side
MAX_SHEAR = 0.1
MAX_GAIN = 0.25  # contrast, up or down
MAX_TINT = 0.06  # each channel's own gain beside the common one
MAX_BIAS = 20.0  # grey levels


def augment_batch(images: Images, rng: np.random.Generator) -> Images:
    """Vary every picture of a batch at random; what stands at the border is carried on outwards.

    Args:
        images: (n, height, width, 3) uint8 RGB.
        rng: the only source of chance, so that a seed gives the same batch again.

    Returns:
        A new array of the same shape and dtype. A mirrored hand counts the same, so half of them are.
    """
    size = images.shape[1:3]
    varied = np.empty_like(images)
    for picture, out in zip(images, varied, strict=True):
        cv2.warpAffine(picture, _random_affine(size, rng), size[::-1], dst=out, borderMode=cv2.BORDER_REPLICATE)
    gain = rng.uniform(1 - MAX_GAIN, 1 + MAX_GAIN, (len(images), 1, 1, 1))
    tint = rng.uniform(1 - MAX_TINT, 1 + MAX_TINT, (len(images), 1, 1, 3))
    bias = rng.uniform(-MAX_BIAS, MAX_BIAS, (len(images), 1, 1, 1))
    lit = (varied - 128.0) * (gain * tint) + (128.0 + bias)
    return np.clip(lit, 0, 255).astype(np.uint8)


def _random_affine(
    size: tuple[int, int], rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A 2×3 matrix about the picture's centre: mirror, rotation, zoom, shear, shift."""
    height, width = size
    angle = np.deg2rad(rng.uniform(-MAX_ROTATION, MAX_ROTATION))
    zoom = rng.uniform(1 - MAX_ZOOM, 1 + MAX_ZOOM)
    shear = rng.uniform(-MAX_SHEAR, MAX_SHEAR)
    mirror = rng.choice((-1.0, 1.0))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = zoom * rotation @ np.array([[mirror, shear], [0.0, 1.0]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = rng.uniform(-MAX_SHIFT, MAX_SHIFT, 2) * (width, height)
    return np.column_stack([linear, centre - linear @ centre + shift])
