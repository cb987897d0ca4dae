"""Is a model as often right as it is sure: reliability bins and the expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Labels, Probabilities
from signs_edge.edge.errors import UsageError
from signs_edge.edge.metrics.intervals import Interval, wilson_interval
from signs_edge.train.network.temperature import apply_temperature, fit_temperature, log_probabilities

BINS = 15  # as in Guo et al.


@dataclass(frozen=True)
class ReliabilityBin:
    """The pictures whose confidence, the highest probability, lies in (low, high].

    Attributes:
        low, high: bounds, 0..1.
        n: number of pictures.
        correct: how many are answered rightly.
        confidence: their mean confidence, 0..1; None where n is 0.
    """

    low: float
    high: float
    n: int
    correct: int
    confidence: float | None

    @property
    def accuracy(self) -> float | None:
        """Share answered rightly, 0..1; None where n is 0."""
        return self.correct / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the accuracy."""
        return wilson_interval(self.correct, self.n)


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy on labelled pictures.

    Attributes:
        bins: equally wide, from 0 to 1.
        nll: mean negative log-likelihood of the truth, in nats; None where there are no pictures.
    """

    bins: tuple[ReliabilityBin, ...]
    nll: float | None

    @classmethod
    def of(cls, probabilities: Probabilities, labels: Labels, bins: int = BINS) -> Reliability:
        """From (n, classes) probabilities and (n,) true class indices."""
        if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or bins < 1:
            raise UsageError(
                f"probabilities {probabilities.shape}, labels {labels.shape} and {bins} bins do not fit: "
                "give (n, classes), (n,) and at least one bin"
            )
        confidence = probabilities.max(axis=1).astype(np.float64)
        right = probabilities.argmax(axis=1) == labels
        edges = np.linspace(0, 1, bins + 1)
        place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
        found = tuple(
            _bin(float(edges[index]), float(edges[index + 1]), confidence[place == index], right[place == index])
            for index in range(bins)
        )
        truth = log_probabilities(probabilities)[np.arange(len(labels)), labels]
        return cls(found, float(-truth.mean()) if len(labels) else None)

    @property
    def n(self) -> int:
        """Number of pictures."""
        return sum(found.n for found in self.bins)

    @property
    def error(self) -> float | None:
        """Expected calibration error, 0..1: Σ n_b/n · |accuracy_b − confidence_b|; None where there are no pictures.

        With few pictures it is too high even for a perfectly calibrated model: each bin's accuracy scatters.

        Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
        """
        if not self.n:
            return None
        return sum(abs(found.correct - found.n * (found.confidence or 0.0)) for found in self.bins) / self.n

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        bins = [
            {
                "low": found.low,
                "high": found.high,
                "n": found.n,
                "accuracy": found.accuracy,
                "confidence": found.confidence,
            }
            for found in self.bins
        ]
        return {"n": self.n, "expected_calibration_error": self.error, "nll": self.nll, "bins": bins}


def expected_calibration_error(probabilities: Probabilities, labels: Labels, bins: int = BINS) -> float | None:
    """`Reliability.error` of (n, classes) probabilities and (n,) labels; None where n is 0."""
    return Reliability.of(probabilities, labels, bins).error


@dataclass(frozen=True)
class Calibration:
    """A model before and after temperature scaling.

    Attributes:
        temperature: fitted on validation pictures; over 1 where the model was too sure.
        fitted_on: number of those pictures.
        before, after: on other pictures, the test's.
    """

    temperature: float
    fitted_on: int
    before: Reliability
    after: Reliability

    @classmethod
    def measure(
        cls, validation: Probabilities, validation_labels: Labels, test: Probabilities, test_labels: Labels
    ) -> Calibration:
        """Fit on the model's (n, classes) validation probabilities at temperature 1, measure on its test ones.

        Without validation pictures the temperature is 1, and nothing changes.
        """
        temperature = fit_temperature(log_probabilities(validation), validation_labels)
        return cls(
            temperature,
            len(validation_labels),
            Reliability.of(test, test_labels),
            Reliability.of(apply_temperature(test, temperature), test_labels),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "temperature": self.temperature,
            "fitted_on": self.fitted_on,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


def _bin(low: float, high: float, confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> ReliabilityBin:
    return ReliabilityBin(
        low, high, len(right), int(right.sum()), float(confidence.mean()) if len(confidence) else None
    )
