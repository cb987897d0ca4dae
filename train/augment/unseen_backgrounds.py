"""Hands cut out and put on other backgrounds, to judge a model on rooms it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from signs_edge.edge.arrays import Image, Images, Labels
from signs_edge.edge.errors import DataError
from signs_edge.train.augment.backgrounds import unseen_backgrounds
from signs_edge.train.hands.cutout import cut_out
from signs_edge.train.runs.work import Progress, map_in_threads, silent


class CutoutHand(Protocol):
    """A hand without its background, as `signs_edge.train.hands.cutout.cut_out` gives it."""

    @property
    def image(self) -> Image:
        """(side, side, 3) uint8 RGB."""

    @property
    def mask(self) -> Image:
        """(side, side) uint8, 255 on the hand."""

    @property
    def good(self) -> bool:
        """Whether the mask can be trusted."""


@dataclass(frozen=True)
class Backgrounded:
    """Hands of known pictures on other backgrounds.

    Attributes:
        images: by kind of background, (k, height, width, 3) uint8 RGB each.
        indices: (k,) int64; which picture each hand comes from, the same for all kinds.
    """

    images: Mapping[str, Images]
    indices: Labels

    def __post_init__(self) -> None:
        """Refuse pictures that no hand is known for."""
        for kind, images in self.images.items():
            if len(images) != len(self.indices):
                raise DataError(f"background {kind!r} has {len(images)} pictures for {len(self.indices)} hands")


def on_unseen_backgrounds(images: Images, seed: int = 0, progress: Progress = silent) -> Backgrounded:
    """The hands of (n, 64, 64, 3) uint8 RGB photos with a plain background, on each kind that no training shows.

    A hand takes about a tenth of a second to cut out; `progress` is called after each.

    Raises:
        RuntimeMissingError: scikit-image, whose photographs are one of the kinds, is not installed.
    """
    if not len(images):
        return Backgrounded({}, np.empty(0, np.int64))
    backgrounds = unseen_backgrounds(len(images), seed)
    return put_on_backgrounds(map_in_threads(cut_out, list(images), "cutting out hands", progress), backgrounds)


def put_on_backgrounds(hands: Sequence[CutoutHand], backgrounds: Mapping[str, Images]) -> Backgrounded:
    """Every hand that is cut out well, on one background of each kind; the hand stays where it was.

    Args:
        hands: n cutouts, one a picture; those that are not `good` are left out.
        backgrounds: by kind, (n, height, width, 3) uint8 RGB each; the i-th is the i-th hand's.
    """
    for kind, scenes in backgrounds.items():
        if len(scenes) != len(hands):
            raise DataError(f"background {kind!r} has {len(scenes)} pictures for {len(hands)} hands")
    good = [index for index, hand in enumerate(hands) if hand.good]
    images = {
        kind: np.array([blend(hands[index], scenes[index]) for index in good], np.uint8).reshape(-1, *scenes.shape[1:])
        for kind, scenes in backgrounds.items()
    }
    return Backgrounded(images, np.array(good, np.int64))


def blend(hand: CutoutHand, background: Image) -> Image:
    """A cutout before a (height, width, 3) uint8 RGB background, in the background's size.

    The cutout may be larger: its colours are weighted by the mask before they are averaged, so that no background of
    its own gets in.
    """
    height, width = background.shape[:2]
    alpha = hand.mask.astype(np.float32) / 255
    weighted = np.dstack([hand.image.astype(np.float32) * alpha[..., np.newaxis], alpha])
    small = cv2.resize(weighted, (width, height), interpolation=cv2.INTER_AREA)
    blended = small[..., :3] + (1 - small[..., 3:]) * background
    rounded: Image = np.rint(np.clip(blended, 0, 255)).astype(np.uint8)
    return rounded
