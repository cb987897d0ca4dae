"""The square around the hand, found by a network and followed from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import UsageError
from signs_edge.edge.region.finder import HEIGHT, WIDTH, Found
from signs_edge.edge.region.square import Square, around, centre_of

MARGINS = (1.25, 1.55)
"""Sides of the squares that the counting network looks at, as shares of the hand's: their mean answer is surer than one."""


BEHIND_FINDER = 0.65
"""Of the model's least confidence, what is asked for where a finder saw the hand: it refuses most frames without one, and
the mean of two answers is less sure than one. Chosen on webcam-dev; see docs/explain/finder.md."""


class Finder(Protocol):
    """What finds hands: `signs_edge.edge.region.finder.HandFinder`, or a fake in a test."""

    def find(self, frame: Image) -> Found | None:
        """The hand in a (height, width, 3) uint8 BGR frame; None where there is none."""


@dataclass(frozen=True)
class TrackConfig:
    """How a hand is followed.

    Attributes:
        every: the finder looks at every so many frames while the count is sure, and at each one while it is not.
        smoothing: how much of the old place stays where the hand moved little, 0..1.
        near: a hand found within this share of its side of the old place is the same one, and its place is smoothed.
    """

    every: int = 5
    smoothing: float = 0.5
    near: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.every < 1:
            raise UsageError(f"find-every {self.every} is not allowed: give 1 for every frame, 5 for every fifth")
        if not 0.0 <= self.smoothing < 1.0 or not self.near >= 0.0:
            raise UsageError(f"smoothing {self.smoothing} is not allowed: give a share from 0 up to, not with, 1")


class TrackedRegion:
    """The finder's hand, followed from frame to frame so that the finder seldom runs."""

    def __init__(self, finder: Finder, config: TrackConfig | None = None, margins: Sequence[float] = MARGINS) -> None:
        self._finder, self._config, self._margins = finder, config or TrackConfig(), tuple(margins)
        self._hand: Found | None = None
        self._age = 0
        self._shape: tuple[int, ...] = ()
        self._sure = False
        self.found = False

    @property
    def hand(self) -> Found | None:
        """Where it is thought to be; None where there is none."""
        return self._hand

    def check(self, width: int, height: int) -> None:
        """Frames of every size are looked at."""

    def squares(self, frame: Image) -> tuple[Square, ...]:
        """Around the hand, one for each margin; none where the finder sees none.

        A frame smaller than what the finder sees is taken for a hand cut out already: its centre is looked at.
        """
        self.found = frame.shape[0] >= HEIGHT and frame.shape[1] >= WIDTH
        if not self.found:
            return (centre_of(frame),)
        if frame.shape != self._shape:  # the camera was changed: nothing of before is true
            self._hand, self._shape = None, frame.shape
        if self._hand is None or not self._sure or self._age >= self._config.every:
            self._hand, self._age = self._followed(self._finder.find(frame)), 0
        self._age += 1
        if self._hand is None:
            self.found = False
            return ()
        return tuple(around(self._hand, margin) for margin in self._margins)

    def reset(self) -> None:
        """Forget where the hand was."""
        self._hand, self._shape, self._sure = None, (), False

    def told(self, sure: bool) -> None:
        """An unsure answer has the finder look at the next frame."""
        self._sure = sure

    def _followed(self, found: Found | None) -> Found | None:
        old = self._hand
        if found is None or old is None:
            return found
        if np.hypot(found.x - old.x, found.y - old.y) > self._config.near * found.side:
            return found
        kept = self._config.smoothing
        mixed = {name: kept * getattr(old, name) + (1 - kept) * getattr(found, name) for name in ("x", "y", "side")}
        return replace(found, **mixed)
