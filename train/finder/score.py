"""How well a finder finds: hands found in their place, hands missed, and things taken for a hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.metrics.intervals import wilson_interval
from signs_edge.edge.region.finder import Found
from signs_edge.train.finder.scenes import NOWHERE

_NEAR = 0.25  # the middle is found within this share of the hand's side
_SIZED = 1.35  # the side is found within this factor
_FALSE_SHARE = 0.05  # of the scenes without a hand may pass the threshold: the counting network looks at them next


@dataclass(frozen=True)
class FinderScore:
    """Of a finder on scenes.

    Attributes:
        hands: scenes with a hand.
        placed: of these, with the likeliest hand in the right place at the right size, however unsure.
        threshold: least score of a hand: what one in twenty scenes without a hand reaches.
        kept: hands found in their place with at least that score.
        empty: scenes without a hand.
    """

    hands: int
    placed: int
    threshold: float
    kept: int
    empty: int

    @classmethod
    def of(cls, found: Sequence[Found], boxes: Sequence[tuple[float, float, float, float]]) -> FinderScore:
        """Answers against the true boxes, `NOWHERE` for scenes without a hand."""
        pairs = list(zip(found, boxes, strict=True))
        false = [hand.score for hand, box in pairs if box == NOWHERE]
        threshold = float(np.quantile(false, 1 - _FALSE_SHARE, method="higher")) if false else 0.0
        placed = [hand.score for hand, box in pairs if box != NOWHERE and in_place(hand, box)]
        kept = sum(score >= threshold for score in placed)
        return cls(len(pairs) - len(false), len(placed), threshold, kept, len(false))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        interval = wilson_interval(self.kept, self.hands)
        return {**vars(self), "interval": interval.to_json() if interval else None}


def in_place(hand: Found, box: tuple[float, float, float, float]) -> bool:
    """Whether a found hand is where the box is, and as large."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    away = np.hypot(hand.x - (left + right) / 2, hand.y - (top + bottom) / 2)
    return bool(away <= _NEAR * side and 1 / _SIZED <= hand.side / side <= _SIZED)
