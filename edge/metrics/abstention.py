"""No count rather than a wrong one: below which confidence a model says nothing, and what that costs and spares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from signs_edge.edge.errors import UsageError
from signs_edge.edge.metrics.intervals import Interval, wilson_interval
from signs_edge.edge.prediction import NO_HAND, Prediction


def effective_threshold(given: float | None, from_model: float) -> float:
    """The least confidence, 0..1, that is given a count: what the user asked for, else what the model brings along.

    Raises:
        UsageError: `given` is no probability.
    """
    return from_model if given is None else checked_threshold(given)


def checked_threshold(threshold: float) -> float:
    """The same number; UsageError where it is no probability."""
    if not 0.0 <= threshold <= 1.0:
        raise UsageError(
            f"min-confidence {threshold} is not allowed: give a probability from 0 to 1, or leave it out for the model's own"
        )
    return threshold


@dataclass(frozen=True)
class Abstention:
    """How often a model keeps silent before hands, and how often it counts where there are none.

    Attributes:
        hands: pictures of hands.
        kept: those of them that got a count.
        right: those of the kept whose count is the true one.
        hand_free: pictures without a hand.
        counted: those of them that got a count all the same.
    """

    hands: int = 0
    kept: int = 0
    right: int = 0
    hand_free: int = 0
    counted: int = 0

    @classmethod
    def of(cls, answers: Iterable[tuple[Prediction, str]]) -> Abstention:
        """Of predictions, made with a threshold, and the true labels."""
        judged = cls()
        for prediction, truth in answers:
            judged = judged.add(prediction, truth)
        return judged

    def add(self, prediction: Prediction, truth: str) -> Abstention:
        """With one picture more, whose true label is `truth`; `NO_HAND` for one without a hand."""
        counted = prediction.found_hand
        if truth == NO_HAND:
            return replace(self, hand_free=self.hand_free + 1, counted=self.counted + counted)
        return replace(self, hands=self.hands + 1, kept=self.kept + counted, right=self.right + prediction.right(truth))

    @property
    def n(self) -> int:
        """Number of pictures."""
        return self.hands + self.hand_free

    @property
    def correct(self) -> int:
        """Number of pictures answered rightly: a hand by its count, one without a hand by none."""
        return self.right + self.hand_free - self.counted

    @property
    def coverage(self) -> float | None:
        """Share of hands that got a count, 0..1; None where there are none."""
        return self.kept / self.hands if self.hands else None

    @property
    def kept_accuracy(self) -> float | None:
        """Share of right counts among the hands that got one, 0..1; None where none did."""
        return self.right / self.kept if self.kept else None

    @property
    def false_counts(self) -> float | None:
        """Share of hand-free pictures that got a count, 0..1; None where there are none."""
        return self.counted / self.hand_free if self.hand_free else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; every interval is Wilson's, null where nothing is known."""
        return {
            "hands": {
                "n": self.hands,
                "kept": self.kept,
                "coverage": self.coverage,
                "interval": _pair(wilson_interval(self.kept, self.hands)),
                "right": self.right,
                "kept_accuracy": self.kept_accuracy,
            },
            "hand_free": {
                "n": self.hand_free,
                "counted": self.counted,
                "share": self.false_counts,
                "interval": _pair(wilson_interval(self.counted, self.hand_free)),
            },
        }

    def __str__(self) -> str:
        """For people: a line for the hands, one for the hand-free pictures; none for what there is none of."""
        lines = []
        if self.hands:
            right = "" if self.kept_accuracy is None else f"; {self.kept_accuracy:.1%} of these right"
            lines.append(f"hands kept: {_share(self.kept, self.hands)}{right}")
        if self.hand_free:
            lines.append(f"hand-free pictures that got a count: {_share(self.counted, self.hand_free)}")
        return "\n".join(lines)


def _pair(interval: Interval | None) -> list[float] | None:
    return interval.to_json() if interval else None


def _share(k: int, n: int) -> str:
    interval = wilson_interval(k, n)
    return f"{k / n:.1%} of {n} (95 % interval {interval.percent()})" if interval else "none"
