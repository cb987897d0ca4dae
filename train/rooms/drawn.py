"""Drawn hands and drawn people with their truth, from the files of `signs-edge data draw`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images
from signs_edge.edge.errors import DataError
from signs_edge.train.rooms.frame import LabelledHand

_UNSEEN = 2  # in `fingers`: raised or folded, but not to be seen
_LOWERED = ("hang", "hip", "lap")
_VISIBLE, _HIDDEN = 0.35, 0.05  # share of a hand's surface that is seen: from there on a hand, below there none
_HALF_TRUST = 0.3  # weight of the count of a hand some of whose fingers are not to be seen


@dataclass(frozen=True)
class DrawnHand:
    """One hand with its arm on nothing.

    Attributes:
        colour: (h, w, 3) uint8 RGB, not premultiplied.
        alpha: (h, w) uint8 opacity.
        hand: its truth, in the pixels of `colour`.
    """

    colour: Image
    alpha: npt.NDArray[np.uint8]
    hand: LabelledHand


@dataclass(frozen=True)
class DrawnScene:
    """People in a room: (h, w, 3) uint8 RGB, and every hand that can be seen."""

    picture: Image
    hands: tuple[LabelledHand, ...]


class DrawnHands:
    """All `hands-*.npz` of a folder."""

    def __init__(self, folder: Path) -> None:
        """Read them; DataError where one is damaged. A folder without any gives none."""
        self._parts = [
            _arrays(path, ("image", "alpha", "count", "fingers", "box")) for path in sorted(folder.glob("hands-*.npz"))
        ]
        self._ends = np.cumsum([len(part["image"]) for part in self._parts])

    def __len__(self) -> int:
        """Number of hands."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, index: int) -> DrawnHand:
        """One of them."""
        part, place = _part_of(self._ends, index)
        arrays = self._parts[part]
        fingers, box = arrays["fingers"][place], tuple(float(value) for value in arrays["box"][place])
        return DrawnHand(
            arrays["image"][place], arrays["alpha"][place], _labelled(box, int(arrays["count"][place]), fingers)
        )


class DrawnScenes:
    """All `scenes-*.npz` of a folder: a hand that hangs or rests is `shown=False`, one that is half hidden not `certain`."""

    def __init__(self, folder: Path) -> None:
        """Read them; DataError where one is damaged. A folder without any gives none."""
        self._pictures: list[Images] = []
        self._truths: list[list[dict[str, Any]]] = []
        for path in sorted(folder.glob("scenes-*.npz")):
            arrays = _arrays(path, ("image", "truth"))
            self._pictures.append(arrays["image"])
            self._truths.append(json.loads(str(arrays["truth"])))
        self._ends = np.cumsum([len(pictures) for pictures in self._pictures])

    def __len__(self) -> int:
        """Number of scenes."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, index: int) -> DrawnScene:
        """One of them."""
        part, place = _part_of(self._ends, index)
        people = self._truths[part][place]["people"]
        hands = [_of_truth(hand) for person in people for hand in person["hands"] if hand["visible"] >= _HIDDEN]
        return DrawnScene(self._pictures[part][place], tuple(hands))


def _of_truth(truth: dict[str, Any]) -> LabelledHand:
    box = tuple(float(value) for value in truth["box"])
    if truth["raised"]:
        hand = _labelled(box, int(truth["count"]), np.asarray(truth["fingers"]))
        return hand if truth["visible"] > _VISIBLE else LabelledHand(hand.box, certain=False)
    lowered = truth["doing"] in _LOWERED
    return LabelledHand((box[0], box[1], box[2], box[3]), shown=not lowered, certain=lowered)


def _labelled(box: tuple[float, ...], count: int, fingers: npt.NDArray[Any]) -> LabelledHand:
    seen = bool((fingers != _UNSEEN).all())
    known = tuple(bool(finger) for finger in fingers) if seen else None
    return LabelledHand((box[0], box[1], box[2], box[3]), count, known, trust=1.0 if seen else _HALF_TRUST)


def _part_of(ends: npt.NDArray[np.int64], index: int) -> tuple[int, int]:
    part = int(np.searchsorted(ends, index, side="right"))
    return part, index - (int(ends[part - 1]) if part else 0)


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} is no file of drawn hands ({error}): draw them again with `signs-edge data draw`"
        ) from None
