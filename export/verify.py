"""Keras against float32 against int8, picture by picture, through the classifier that the device runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.classifier import Classifier, predict_all
from signs_edge.edge.drift import Agreement, PairedAccuracy
from signs_edge.edge.evaluation import Evaluation
from signs_edge.edge.images import Labels
from signs_edge.train.dataset import SignsDataset
from signs_edge.train.keras_classifier import KerasClassifier


@dataclass(frozen=True)
class Flip:
    """A picture that two models answer differently: its index, its label, and both answers, by name."""

    index: int
    truth: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """Two models on the same pictures.

    Attributes:
        agreement: on how many the answers are equal.
        flips: the others, by index.
        accuracy: both against the truth.
        distance: mean total-variation distance of the probabilities, 0..1.
    """

    agreement: Agreement
    flips: tuple[Flip, ...]
    accuracy: PairedAccuracy
    distance: float

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; `accuracy_difference` is the second minus the first."""
        interval = self.agreement.interval
        second_first = PairedAccuracy(
            self.accuracy.both, self.accuracy.only_second, self.accuracy.only_first, self.accuracy.n
        )
        return {
            "n": self.agreement.n,
            "agreement": self.agreement.rate,
            "interval": interval.to_json() if interval else None,
            "flips": [vars(flip) for flip in self.flips],
            "accuracy_difference": second_first.difference,
            "accuracy_difference_interval": second_first.interval.to_json() if second_first.interval else None,
            "total_variation": self.distance,
        }


@dataclass(frozen=True)
class Verification:
    """Three forms of one model on the test pictures: each one's accuracy, and each step's comparison."""

    keras: Evaluation
    float32: Evaluation
    int8: Evaluation | None
    keras_float32: Comparison
    float32_int8: Comparison | None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; int8 is null where none was exported."""
        return {
            "keras": self.keras.to_json(),
            "float32": self.float32.to_json(),
            "int8": self.int8.to_json() if self.int8 else None,
            "keras_float32": self.keras_float32.to_json(),
            "float32_int8": self.float32_int8.to_json() if self.float32_int8 else None,
        }


def compare(
    first: np.ndarray[Any, np.dtype[np.float32]], second: np.ndarray[Any, np.dtype[np.float32]], test: SignsDataset
) -> Comparison:
    """Two models' (n, classes) probabilities on the pictures of `test`."""
    a, b = first.argmax(axis=1), second.argmax(axis=1)
    flips = tuple(
        Flip(int(i), test.names[test.labels[i]], test.names[a[i]], test.names[b[i]]) for i in np.flatnonzero(a != b)
    )
    right_a, right_b = a == test.labels, b == test.labels
    accuracy = PairedAccuracy(
        int((right_a & right_b).sum()), int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum()), len(test)
    )
    distance = float(np.abs(first - second).sum(axis=1).mean() / 2) if len(test) else float("nan")
    return Comparison(Agreement(len(test) - len(flips), len(test)), flips, accuracy, distance)


def verify(
    keras_model: KerasClassifier, float32: Classifier, int8: Classifier | None, test: SignsDataset
) -> Verification:
    """Run all of them over the test pictures and compare."""
    scores_keras = keras_model.predict_all(test.images)
    scores_float = predict_all(float32, test.images)
    scores_int8 = predict_all(int8, test.images) if int8 else None

    def judged(scores: np.ndarray[Any, np.dtype[np.float32]]) -> Evaluation:
        answers: Labels = scores.argmax(axis=1).astype(np.int64)
        return Evaluation.of(answers, test.labels, test.names)

    return Verification(
        judged(scores_keras),
        judged(scores_float),
        judged(scores_int8) if scores_int8 is not None else None,
        compare(scores_keras, scores_float, test),
        compare(scores_float, scores_int8, test) if scores_int8 is not None else None,
    )
