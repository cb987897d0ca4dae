"""How far apart int8's and float's scores are, whether or not their answers are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence

TOLD = ("score distance", "confidence shift")  # of `answer_statistics`


class ScoreDistance:
    """Means over blocks of how far two answers are apart: total variation, 0..1, and confidence shift, −1..1."""

    def __init__(self) -> None:
        self.distance = MeanSequence(guess=0.02)
        self.shift = MeanSequence(low=-1.0, high=1.0, guess=0.0)
        self._sums = np.zeros(len(TOLD) + 1)  # of this block's frames, and their number

    def add(self, answers: Mapping[str, float]) -> None:
        """Take a frame's `answer_statistics`; nothing where they are NaN."""
        pair = [answers[name] for name in TOLD]
        if np.isfinite(pair).all():
            self._sums += (*pair, 1)

    def close_block(self) -> None:
        """End a block; nothing where it had no frame."""
        distance, shift, looks = self._sums.tolist()
        if looks:
            self.distance = self.distance.add(min(1.0, distance / looks))
            self.shift = self.shift.add(min(1.0, max(-1.0, shift / looks)))
        self._sums[:] = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"distance": self.distance.to_json(), "shift": self.shift.to_json(), "sums": self._sums.tolist()}

    def resume(self, values: dict[str, Any]) -> None:
        """Go on with what `to_json` wrote."""
        self.distance, self.shift = self.distance.resume(values["distance"]), self.shift.resume(values["shift"])
        self._sums = np.array(values["sums"], np.float64).reshape(self._sums.shape)
