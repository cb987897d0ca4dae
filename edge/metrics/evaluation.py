"""Answers against the truth: accuracy with its interval, and the confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Labels
from signs_edge.edge.metrics.intervals import Interval, wilson_interval


@dataclass(frozen=True)
class Evaluation:
    """How a model did on labelled pictures.

    Attributes:
        labels: names of the classes.
        confusion: (classes, classes) int64; row: the truth, column: the answer.
    """

    labels: tuple[str, ...]
    confusion: npt.NDArray[np.int64]

    @classmethod
    def of(cls, answers: Labels, truth: Labels, labels: tuple[str, ...]) -> Evaluation:
        """From (n,) answered and (n,) true class indices."""
        confusion = np.zeros((len(labels), len(labels)), np.int64)
        np.add.at(confusion, (truth, answers), 1)
        return cls(labels, confusion)

    @property
    def n(self) -> int:
        """Number of pictures."""
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        """Number of pictures answered rightly."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float | None:
        """Share of right answers, 0..1; None where there are no pictures."""
        return self.correct / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the accuracy."""
        return wilson_interval(self.correct, self.n)

    def recall(self) -> dict[str, float | None]:
        """Per class, the share of its pictures answered rightly; None where it has none."""
        totals = self.confusion.sum(axis=1)
        right = np.diag(self.confusion)
        return {name: int(k) / int(n) if n else None for name, k, n in zip(self.labels, right, totals, strict=True)}

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "n": self.n,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": self.interval.to_json() if self.interval else None,
            "labels": list(self.labels),
            "recall": self.recall(),
            "confusion": self.confusion.tolist(),
        }

    def __str__(self) -> str:
        """For people: the accuracy with its interval, in one line."""
        if self.interval is None:
            return "no labelled pictures"
        return f"{self.accuracy:.1%} right ({self.correct} of {self.n}; 95 % interval {self.interval.percent()})"
