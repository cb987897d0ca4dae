"""Right answers under one condition, and their mean over several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.metrics.intervals import LEVEL, Interval, wilson_interval


@dataclass(frozen=True)
class Score:
    """Right answers under one condition.

    Attributes:
        condition: a corruption, or a kind of background.
        strength: 1 to 5; None where there are no strengths.
        correct, n: pictures answered rightly, of so many.
    """

    condition: str
    strength: int | None
    correct: int
    n: int

    @property
    def accuracy(self) -> float:
        """Share answered rightly, 0..1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the accuracy."""
        return wilson_interval(self.correct, self.n)

    @property
    def name(self) -> str:
        """For people: condition and strength."""
        return condition_name(self.condition, self.strength)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "condition": self.condition,
            "strength": self.strength,
            "n": self.n,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": self.interval.to_json() if self.interval else None,
        }


@dataclass(frozen=True)
class Mean:
    """Accuracy averaged over conditions, each counted once.

    Attributes:
        accuracy: 0..1.
        interval: for other hands of the kind, not for other conditions: the hands are the independent units, and the
            many pictures of one hand are not. Normal, from the spread of each hand's own mean; where every hand is
            right, or every hand wrong, throughout, Wilson's; None with one hand.
    """

    accuracy: float
    interval: Interval | None

    @classmethod
    def of(cls, right: Sequence[npt.NDArray[np.float64]]) -> Mean:
        """From one array a condition, each with a value per hand: 1 right, 0 wrong, nan where it took no part."""
        whole = np.stack(right)
        mean = float(np.nanmean(whole, axis=1).mean())
        hands = np.nanmean(whole[:, ~np.isnan(whole).all(axis=0)], axis=0)
        if len(hands) < 2:
            return cls(mean, None)
        if mean in (0.0, 1.0):
            return cls(mean, wilson_interval(len(hands) if mean else 0, len(hands)))
        half = NormalDist().inv_cdf((1 + LEVEL) / 2) * float(hands.std(ddof=1)) / math.sqrt(len(hands))
        return cls(mean, Interval(max(0.0, mean - half), min(1.0, mean + half)))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"accuracy": self.accuracy, "interval": self.interval.to_json() if self.interval else None}

    def __str__(self) -> str:
        """For people: the mean with its interval."""
        return f"{self.accuracy:.1%}" + (f" (95 % interval {self.interval.percent()})" if self.interval else "")


def condition_name(condition: str, strength: int | None) -> str:
    """For people: "jpeg 3", or the condition alone where it has no strengths."""
    return condition if strength is None else f"{condition} {strength}"
