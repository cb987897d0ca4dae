"""Copies, near copies and burst shots among pictures, and the groups that must stay together."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from signs_edge.edge.arrays import Images, Labels
from signs_edge.edge.errors import UsageError
from signs_edge.train.data.similarity import candidates, distance, sketch

NEAR = 15.0
"""`distance` below which two pictures are copies of one photo.

The README of SIGNS has its 14 leaked test pictures at a mean squared difference under 60, a quarter of which is this
limit; the next test picture is at 17. Of copies made from SIGNS' test photos by JPEG at quality 50, 30 levels more or
30 % less light, a shift by one or two pixels, a zoom by 3 % or the mirror, all are below it, and of those that went
through several of these at once, 59 of 60. Of copies shifted by half a pixel too, about half; the others are bursts.
"""

BURST = 40.0
"""`distance` below which two pictures show one pose, taken moments apart; a mean squared difference of 160."""

NEAR_LIMIT = 10_000
"""Pictures up to which near copies are looked for; above, equal bytes only. The search grows with the square."""


class Match(NamedTuple):
    """Two pictures that are too alike.

    Attributes:
        first: index of the one; in `matches`, of the test picture.
        second: index of the other; in `matches`, of the training picture.
        distance: as in `similarity.distance`, 0 where all bytes are equal.
        kind: "exact" (equal bytes), "near" (a copy) or "burst" (the same pose moments apart).
    """

    first: int
    second: int
    distance: float
    kind: str


def pairs(images: Images) -> tuple[Match, ...]:
    """All pairs that are too alike among (n, 64, 64, 3) uint8 RGB pictures, by their indices.

    Of pictures with equal bytes, each is paired with the first of them, and only that one with others. Above
    `NEAR_LIMIT` pictures, only equal bytes are found. A picture without contrast has no copies but exact ones.
    """
    digests = _digests(images)
    first_of: dict[bytes, int] = {}
    found = [
        Match(first, index, 0.0, "exact")
        for index, digest in enumerate(digests)
        if (first := first_of.setdefault(digest, index)) != index
    ]
    if len(images) <= NEAR_LIMIT:
        unique = np.fromiter(first_of.values(), np.int64, len(first_of))
        sketches = sketch(images[unique])
        for i, j, mirrored in candidates(sketches):
            found += _match(images, images, int(unique[i]), int(unique[j]), mirrored)
    return tuple(sorted(found))


def groups(images: Images, threshold: float = BURST) -> Labels:
    """Number the groups of pictures that are linked by distances below a threshold, directly or by others between.

    Args:
        images: (n, 64, 64, 3) uint8 RGB.
        threshold: at most `BURST`, the distance up to which pairs are looked for.

    Returns:
        (n,) int64, group ids from 0 in the order of their first pictures; most pictures have one of their own.

    Raises:
        UsageError: a threshold above `BURST`.
    """
    if not 0 <= threshold <= BURST:
        raise UsageError(f"threshold {threshold} is not allowed: give 0 to {BURST:g}, up to which pairs are looked for")
    return linked(
        len(images),
        [(pair.first, pair.second) for pair in pairs(images) if pair.distance < threshold or pair.kind == "exact"],
    )


def linked(n: int, links: list[tuple[int, int]]) -> Labels:
    """Connected components of n nodes: (n,) int64 ids from 0 in the order of their first nodes."""
    parent = list(range(n))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low  # the root is the first node, so that ids come in order
    _, ids = np.unique([root(node) for node in range(n)], return_inverse=True)
    return ids.reshape(-1).astype(np.int64)


def matches(train_images: Images, test_images: Images) -> list[Match]:
    """Test pictures that are too alike to a training picture: `first` is the test index, `second` the training one.

    Both are (n, 64, 64, 3) uint8 RGB. Of training pictures with equal bytes, the first is named. Above `NEAR_LIMIT`
    pictures in all, only equal bytes are found. Ordered by test index, then training index.
    """
    first_of: dict[bytes, int] = {}
    for index, digest in enumerate(_digests(train_images)):
        first_of.setdefault(digest, index)
    digests = _digests(test_images)
    found = [Match(index, first_of[digest], 0.0, "exact") for index, digest in enumerate(digests) if digest in first_of]
    exact = {(match.first, match.second) for match in found}
    if len(train_images) + len(test_images) <= NEAR_LIMIT and first_of:
        unique = np.fromiter(first_of.values(), np.int64, len(first_of))
        for i, j, mirrored in candidates(sketch(test_images), sketch(train_images[unique])):
            if (i, int(unique[j])) not in exact:
                found += _match(test_images, train_images, i, int(unique[j]), mirrored)
    return sorted(found)


def leaked(train_images: Images, test_images: Images) -> Labels:
    """Test pictures that are copies, exact or near, of a training picture: (k,) int64 indices, sorted.

    A burst shot is not counted: it is another photo, though less of a test than one of another day.
    """
    found = {match.first for match in matches(train_images, test_images) if match.kind != "burst"}
    return np.array(sorted(found), np.int64)


def kind_of(apart: float) -> str | None:
    """The kind of a pair whose bytes differ, by its distance; None for two pictures of different scenes."""
    if apart < NEAR:
        return "near"
    return "burst" if apart < BURST else None


def _match(first: Images, second: Images, i: int, j: int, mirrored: bool) -> list[Match]:
    apart = distance(first[i], second[j], mirrored)
    kind = kind_of(apart)
    return [Match(i, j, round(apart, 2), kind)] if kind else []


def _digests(images: Images) -> list[bytes]:
    """A digest per picture: as good as its bytes, in 16 of them."""
    return [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]
