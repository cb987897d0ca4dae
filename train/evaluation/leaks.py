"""Accuracy on test pictures with and without those that are copies of training pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Labels
from signs_edge.edge.errors import DataError
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.data.duplicates import leaked


@dataclass(frozen=True)
class LeakAwareEvaluation:
    """How a model did on all test pictures, and on those that it cannot have learned by heart.

    Attributes:
        whole: on all of them.
        clean: on those without a copy, exact or near, among the training pictures.
        leaked: indices of the others, sorted.
    """

    whole: Evaluation
    clean: Evaluation
    leaked: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.whole.labels != self.clean.labels or self.whole.n - self.clean.n != len(self.leaked):
            raise DataError(
                f"{self.clean.n} clean and {len(self.leaked)} leaked pictures are not the {self.whole.n} of the test"
            )

    @classmethod
    def of(cls, answers: Labels, test: SignsDataset, leaked: Labels) -> LeakAwareEvaluation:
        """From (n,) answered class indices and the (k,) int64 indices of the leaked pictures."""
        clean = np.setdiff1d(np.arange(len(test)), leaked)
        return cls(
            Evaluation.of(answers, test.labels, test.names),
            Evaluation.of(answers[clean], test.labels[clean], test.names),
            tuple(np.unique(leaked).tolist()),
        )

    def to_json(self) -> dict[str, Any]:
        """The keys of the whole evaluation, and beside them `without_leaked`: those of the clean one, and the indices."""
        return {**self.whole.to_json(), "without_leaked": {**self.clean.to_json(), "leaked": list(self.leaked)}}

    def __str__(self) -> str:
        """For people: two lines."""
        copies = f"{len(self.leaked)} {'copy' if len(self.leaked) == 1 else 'copies'} of training pictures"
        return f"{self.whole}\n{self.clean} without {copies}"


def evaluate_leak_aware(answers: Labels, train: SignsDataset, test: SignsDataset) -> LeakAwareEvaluation:
    """Judge (n,) answered class indices on the test pictures, with and without those that leaked from `train`.

    Args:
        answers: indices into the names of `test`.
        train: all that the model may have seen, the held-out validation pictures included.
        test: what it was asked.
    """
    return LeakAwareEvaluation.of(answers, test, leaked(train.images, test.images))
