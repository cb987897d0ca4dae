"""How accurate a model is, guessed without labels from how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from signs_edge.edge.metrics.intervals import LEVEL, Interval
from signs_edge.edge.reference.confidence_bins import ConfidenceBins

LEAST_BLOCKS = 5  # below this, how much blocks differ is not known


@dataclass(frozen=True)
class Estimate:
    """A guess of the accuracy, 0..1, and its interval at `LEVEL` at this one time (it is no confidence sequence)."""

    accuracy: float
    interval: Interval

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"accuracy": self.accuracy, "interval": self.interval.to_json()}


class AccuracyEstimate:
    """Confidence-based performance estimation (CBPE): the mean, over frames, of their confidence's accuracy.

    It is right where a confidence is worth on these frames what it was worth on the labelled pictures, and no test can
    see whether that holds: who asks must be silent where the frames are too unlike those. Its variance is that of the
    bins' accuracies, Σ(share of frames)²·variance, and that of the mean over blocks, Var(block means)/blocks.

    Source: NannyML's documentation of CBPE, https://nannyml.readthedocs.io/en/stable/how_it_works/performance_estimation.html;
    Garg et al., "Leveraging unlabeled data to predict out-of-distribution performance", arXiv:2201.04234, on its limits.
    """

    def __init__(self, bins: ConfidenceBins) -> None:
        self._bins = bins
        self._accuracy = bins.accuracy
        self._counts = np.zeros(len(bins.n))
        self._block = (0.0, 0)  # sum and number of frames in this block
        self._means = (0, 0.0, 0.0)  # number of blocks, their mean, their sum of squared deviations

    def add(self, confidence: float) -> None:
        """Take a frame by the highest probability of its answer, 0..1; NaN counts as not sure at all."""
        place = self._bins.bin(confidence)
        self._counts[place] += 1
        self._block = (self._block[0] + float(self._accuracy[place]), self._block[1] + 1)

    def close_block(self) -> None:
        """End a block; nothing where it had no frame."""
        total, frames = self._block
        if frames:
            n, mean, squares = self._means
            new = mean + (total / frames - mean) / (n + 1)
            self._means = (n + 1, new, squares + (total / frames - mean) * (total / frames - new))
            self._block = (0.0, 0)

    @property
    def known(self) -> float:
        """The accuracy on the labelled pictures that the bins were counted on, 0..1."""
        return float(self._accuracy @ self._bins.n) / max(sum(self._bins.n), 1)

    @property
    def estimate(self) -> Estimate | None:
        """The guess; None before there are five blocks."""
        n, mean, squares = self._means
        if n < LEAST_BLOCKS:
            return None
        shares = self._counts / self._counts.sum()
        variance = float(shares**2 @ self._bins.variance) + squares / (n - 1) / n
        half = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(variance)
        return Estimate(mean, Interval(max(0.0, mean - half), min(1.0, mean + half)))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"counts": self._counts.tolist(), "block": list(self._block), "means": list(self._means)}

    def resume(self, values: dict[str, Any]) -> None:
        """Go on with what `to_json` wrote; KeyError or ValueError where it is of other bins."""
        self._counts = np.array(values["counts"], np.float64).reshape(self._counts.shape)
        total, frames = values["block"]
        n, mean, squares = values["means"]
        self._block, self._means = (float(total), int(frames)), (int(n), float(mean), float(squares))
