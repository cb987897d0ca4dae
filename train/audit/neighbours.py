"""Histograms of oriented gradients: a picture's shapes as one vector, and which labels its neighbours by it have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images, Labels

Floats: TypeAlias = npt.NDArray[np.float32]

CELL = 8  # pixels a side
BINS = 9  # orientations, unsigned, of 20 degrees each
NEIGHBOURS = 10
_CLIP = 0.2  # of a normalised block, as in the paper
_FLAT = 0.01  # mean gradient in square-root levels below which a block counts as empty, as a share of 16
_BLOCK = 256  # pictures, or rows of distances, at once


def describe(images: Images) -> Floats:
    """Histograms of oriented gradients of (n, height, width, 3) uint8 RGB pictures: (n, d) float32.

    Cells of 8×8 pixels, 9 unsigned orientations, blocks of 2×2 cells, L2-Hys, square-root levels, and in each pixel the
    gradient of the channel where it is largest: d is 1764 for pictures of 64×64. OpenCV 5 has no HOGDescriptor.

    Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.
    """
    starts = range(0, len(images), _BLOCK)
    parts = [_describe(images[start : start + _BLOCK]) for start in starts]
    return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)


def _describe(images: Images) -> Floats:
    levels = np.sqrt(images.astype(np.float32))
    dx, dy = np.zeros_like(levels), np.zeros_like(levels)
    dx[:, :, 1:-1] = levels[:, :, 2:] - levels[:, :, :-2]
    dy[:, 1:-1] = levels[:, 2:] - levels[:, :-2]
    strength = np.hypot(dx, dy)
    channel = strength.argmax(axis=3)[..., np.newaxis]
    dx, dy, strength = (np.take_along_axis(part, channel, axis=3)[..., 0] for part in (dx, dy, strength))
    place = np.mod(np.arctan2(dy, dx), np.pi) / np.pi * BINS - 0.5  # between the centres of two bins
    n, rows, columns = len(images), images.shape[1] // CELL, images.shape[2] // CELL
    cells = np.empty((n, rows, columns, BINS), np.float32)
    for each in range(BINS):
        apart = np.abs(np.mod(place - each + BINS / 2, BINS) - BINS / 2)
        part = strength * np.maximum(0, 1 - apart)
        part = part[:, : rows * CELL, : columns * CELL].reshape(n, rows, CELL, columns, CELL)
        cells[..., each] = part.sum(axis=(2, 4))
    blocks = np.concatenate([cells[:, y : rows - 1 + y, x : columns - 1 + x] for y in (0, 1) for x in (0, 1)], axis=3)
    floor = _FLAT * 16 * CELL * CELL
    blocks = np.minimum(blocks / np.sqrt(np.square(blocks).sum(axis=3, keepdims=True) + floor**2), _CLIP)
    blocks /= np.sqrt(np.square(blocks).sum(axis=3, keepdims=True) + 1e-6)
    flat: Floats = blocks.reshape(n, -1).astype(np.float32)
    return flat


@dataclass(frozen=True)
class Votes:
    """What the neighbours of each picture say of its label.

    Attributes:
        shares: (n, classes) float64, each row the share of its neighbours' votes for each class; sums to 1, or all 0
            where a picture has no neighbour outside its group.
        labels: (n,) int64, as given.
        nearest: (n, k) int64, those neighbours, the nearest first.
    """

    shares: npt.NDArray[np.float64]
    labels: Labels
    nearest: Labels

    @property
    def answers(self) -> Labels:
        """(n,) int64, the class with most votes."""
        return np.asarray(self.shares.argmax(axis=1), np.int64)

    @property
    def accuracy(self) -> float | None:
        """Share of pictures whose neighbours name their label: how far the votes can be trusted; None without pictures."""
        return float((self.answers == self.labels).mean()) if len(self.labels) else None

    @property
    def suspicion(self) -> npt.NDArray[np.float64]:
        """(n,) in −1..1: the votes for the best other class minus those for the label."""
        rows = np.arange(len(self.labels))
        others = self.shares.copy()
        others[rows, self.labels] = -1
        return np.asarray(others.max(axis=1) - self.shares[rows, self.labels], np.float64)


def vote(features: Floats, labels: Labels, groups: Labels, classes: int, neighbours: int = NEIGHBOURS) -> Votes:
    """Let the nearest neighbours of each picture vote on its label, the nearer the more.

    Args:
        features: (n, d) float32.
        labels: (n,) int64.
        groups: (n,) int64; pictures of one group are not asked about each other, for they may share a wrong label.
        classes: how many there are.
        neighbours: that are asked.
    """
    shares = np.zeros((len(labels), classes))
    squares = np.square(features).sum(axis=1)
    count = min(neighbours, len(labels))
    asked = np.zeros((len(labels), count), np.int64)
    for start in range(0, len(labels), _BLOCK):
        rows = slice(start, start + _BLOCK)
        apart = squares[rows, np.newaxis] + squares - 2 * features[rows] @ features.T
        apart[groups[rows, np.newaxis] == groups] = np.inf
        nearest = np.argpartition(apart, count - 1, axis=1)[:, :count]
        distances = np.take_along_axis(apart, nearest, axis=1)
        order = np.argsort(distances, axis=1)
        nearest, distances = np.take_along_axis(nearest, order, axis=1), np.take_along_axis(distances, order, axis=1)
        asked[rows] = nearest
        weights = 1 / np.maximum(distances, 1e-6)  # 0 for those of its group
        for label in range(classes):
            shares[rows, label] = (weights * (labels[nearest] == label)).sum(axis=1)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
    return Votes(shares, labels, asked)
