"""Smooth counts over frames: averaged scores with hysteresis, so that the count does not flicker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.errors import UsageError


@dataclass(frozen=True)
class SmoothingConfig:
    """The rule by which scores are averaged and counts change.

    Attributes:
        half_life: frames after which a score counts half; 0: every frame by itself.
        ahead: another class is shown when its average is so much above that of the one shown, 0..1.
        slack: a count once shown goes when its average falls below this share of the least confidence, 0..1.
    """

    half_life: float = 2.0
    ahead: float = 0.1
    slack: float = 0.8

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0.0 <= self.half_life < 1000.0:
            raise UsageError(f"smooth {self.half_life} is not allowed: give a half-life from 0 to 999 frames")
        if not (0.0 <= self.ahead <= 1.0 and 0.0 <= self.slack <= 1.0):
            raise UsageError(f"ahead {self.ahead} and slack {self.slack} are not allowed: give shares from 0 to 1")


class Smoother:
    """Exponentially weighted scores with hysteresis.

    After a frame with the probabilities p the average is s ← w·s + (1 − w)·p, w = 2^(−1/half_life); after a frame
    without a hand p is 0. With nothing shown, the class ahead in s is shown once its average reaches the least
    confidence. A class shown stays until another's average is `ahead` above its own and reaches the least
    confidence, or its own falls below `slack` times that.
    """

    def __init__(self, classes: int, least: float, config: SmoothingConfig | None = None) -> None:
        """Start empty, for a number of classes, with the least confidence, 0..1, of a count."""
        self._config, self._least = config or SmoothingConfig(), least
        self._weight = 0.5 ** (1 / self._config.half_life) if self._config.half_life else 0.0
        self._classes = classes
        self.reset()

    def reset(self) -> None:
        """Forget all frames, as at the start of another scene."""
        self._mean = np.zeros(self._classes)
        self._seen = 0
        self._shown: int | None = None

    def add(self, probabilities: Probabilities | None, least: float | None = None) -> int | None:
        """Add a frame.

        Args:
            probabilities: (classes,) float32; None without a hand.
            least: another least confidence, 0..1, for this frame.

        Returns:
            The class to show; None where there is none.
        """
        least = self._least if least is None else least
        found = np.zeros(self._classes) if probabilities is None else np.nan_to_num(probabilities.astype(np.float64))
        self._mean = self._weight * self._mean + (1 - self._weight) * found
        self._seen += 1
        # The average starts at 0: correct its bias while few frames were added.
        mean = self._mean / (1 - self._weight**self._seen)
        best = int(mean.argmax())
        shown = self._shown
        if shown is not None and mean[shown] < self._config.slack * least:
            shown = None
        clearly = shown is None or mean[best] >= mean[shown] + self._config.ahead
        if clearly and mean[best] >= least and mean[best] > 0:
            shown = best
        self._shown = shown
        return shown
