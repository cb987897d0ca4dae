"""The hands that training shows: cut out of photos, some with fingers taken away, and drawn ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Labels
from signs_edge.edge.prediction import count_of
from signs_edge.edge.synthetic.hands import draw_hand_with_mask
from signs_edge.train.hands.cutout import SIDE, Cutout, Mask, cut_out, own_colours, soften
from signs_edge.train.hands.shape import HandShape, find_fingers, shape_of, without_fingers
from signs_edge.train.runs.work import Progress, map_in_threads, silent

PHOTO, ERASED, DRAWN = 0, 1, 2
_ERASURES = 5  # at most, of one hand


@dataclass(frozen=True)
class Hand:
    """One hand to be laid over a background.

    Attributes:
        image: (128, 128, 3) uint8 RGB.
        mask: (128, 128) uint8, 255 on the hand and its arm.
        label: class index.
        origin: PHOTO, ERASED or DRAWN.
        shape: where its palm, arm and outline are.
    """

    image: Image
    mask: Mask
    label: int
    origin: int
    shape: HandShape


@dataclass(frozen=True)
class Hands:
    """All hands of a training, found by origin and class."""

    hands: tuple[Hand, ...]

    def indices(self, origin: int, label: int) -> npt.NDArray[np.int64]:
        """Positions in `hands` of one origin and class."""
        found = [i for i, hand in enumerate(self.hands) if hand.origin == origin and hand.label == label]
        return np.array(found, np.int64)


def cut_all(images: Images, progress: Progress = silent) -> list[Cutout]:
    """`cut_out` of (n, 64, 64, 3) uint8 RGB photos, several at a time; OpenCV works outside Python's lock."""
    return map_in_threads(cut_out, list(images), "cutting out hands", progress)


def hands_of(cutouts: list[Cutout], labels: Labels, names: tuple[str, ...], seed: int) -> list[Hand]:
    """Hands from cutouts good enough, and copies of them with fingers taken away, counted accordingly.

    Args:
        cutouts: as many as labels.
        labels: (n,) int64 class indices.
        names: class names; fingers are only taken away where they are the numbers 0 to 5.
        seed: which fingers are taken away.
    """
    counts = {name: index for index, name in enumerate(names)}
    rng = np.random.default_rng([seed, 0xF16])
    hands = []
    for cutout, label in zip(cutouts, labels, strict=True):
        if not cutout.good:
            continue
        shape = shape_of(cutout.mask)
        if shape.cut:
            continue
        hands.append(Hand(cutout.image, cutout.mask, int(label), PHOTO, shape))
        count = count_of(names[label]) or 0
        if 2 <= count <= 5:
            hands.extend(_erased(cutout, count, counts, rng))
    return hands


def drawn_hands(n: int, names: tuple[str, ...], seed: int) -> Iterator[Hand]:
    """Drawn hands, class by class in turn, for classes named 0 to 5; none for others."""
    drawable = [index for index, name in enumerate(names) if name in ("0", "1", "2", "3", "4", "5")]
    rng = np.random.default_rng([seed, 0xD4A])
    for number in range(n if drawable else 0):
        label = drawable[number % len(drawable)]
        image, mask = draw_hand_with_mask(int(names[label]), rng, SIDE)
        hand = (mask > 127).astype(np.uint8)
        shape = shape_of(soften(hand))
        if not shape.cut and len(shape.outline) >= 3:
            yield Hand(own_colours(image, hand), soften(hand), label, DRAWN, shape)


def _erased(cutout: Cutout, count: int, classes: dict[str, int], rng: np.random.Generator) -> Iterator[Hand]:
    fingers = find_fingers(cutout.mask, count)
    if fingers is None:
        return
    choices = {
        tuple(sorted(rng.choice(count, rng.integers(1, min(count, 3)), replace=False))) for _ in range(_ERASURES)
    }
    for chosen in sorted(choices):
        label = classes.get(str(count - len(chosen)))
        if label is None:
            continue
        mask = without_fingers(cutout.mask, fingers, np.array(chosen))
        shape = shape_of(mask)
        if not shape.cut and len(shape.outline) >= 3:
            yield Hand(cutout.image, mask, label, ERASED, shape)


def cutout_sheet(hands: list[Hand], columns: int = 24, rows: int = 15, seed: int = 0) -> Image:
    """Some hands on a colour that no photo has: what to look at to see how good the masks are. uint8 RGB."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(hands))[: columns * rows])
    cells: list[Any] = [np.full((64, 64, 3), 40, np.uint8)] * (columns * rows)
    for cell, index in enumerate(chosen):
        hand = hands[index]
        alpha = hand.mask[..., np.newaxis] / 255
        shown = hand.image * alpha + (1 - alpha) * np.array([200, 0, 60])
        cells[cell] = cv2.resize(shown.astype(np.uint8), (64, 64), interpolation=cv2.INTER_AREA)
    used = max(1, -(-len(chosen) // columns))
    return np.vstack([np.hstack(cells[row * columns : (row + 1) * columns]) for row in range(used)])
